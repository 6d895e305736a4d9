"""The API as an OpenAPI 3.1 document, made of the routes, the models, the shapes of answers and the refusals."""

from __future__ import annotations

from club.openapi.document import document, text

__all__ = ["document", "text"]
