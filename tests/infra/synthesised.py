"""What a synth wrote, and ways to ask it: resources by type, and a policy as the calls it allows on which things."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from infra.stage import Stage

Resource = dict[str, Any]


class Synthesised(NamedTuple):
    """One stage's cloud assembly. `templates` by lifetime: data, code, watch."""

    stage: Stage
    folder: Path
    templates: dict[str, dict[str, Any]]

    def resources(self, type_: str) -> list[Resource]:
        """The properties of every resource of one type, in all stacks."""
        return [resource["Properties"] for resource in self.full(type_).values()]

    def full(self, type_: str) -> dict[str, Resource]:
        """Every resource of one type by its logical id, with what stands beside its properties."""
        return {
            name: resource
            for template in self.templates.values()
            for name, resource in template["Resources"].items()
            if resource["Type"] == type_
        }

    def tables(self) -> dict[str, Resource]:
        """Every table by its plain name, for example `ledger`."""
        prefix = self.stage.table("")
        tables = self.full("AWS::DynamoDB::Table").values()
        return {table["Properties"]["TableName"].removeprefix(prefix): table for table in tables}

    def functions(self) -> dict[str, Resource]:
        """Every function's properties by its room."""
        prefix = self.stage.function("")
        return {made["FunctionName"].removeprefix(prefix): made for made in self.resources("AWS::Lambda::Function")}

    def statements_of(self, room: str) -> list[Resource]:
        """Every statement of the role that one room runs under."""
        role = self.full("AWS::IAM::Role")[self.functions()[room]["Role"]["Fn::GetAtt"][0]]["Properties"]
        assert "ManagedPolicyArns" not in role
        return [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]

    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "validation-report.json").read_text())
        return found


def listed(value: Any) -> list[Any]:
    """CloudFormation writes a list of one as the one."""
    return value if isinstance(value, list) else [value]


def flat(value: Any) -> str:
    """A resource's name with its references by name: `arn:{AWS::Partition}:dynamodb:…`."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(map(flat, parts))
    if "Fn::GetAtt" in value:
        return "{" + ".".join(value["Fn::GetAtt"]) + "}"
    return "{" + str(value["Ref"]) + "}"


def calls_allowed(statements: list[Resource]) -> Iterator[tuple[str, str]]:
    """Every (action, thing) that is allowed, one by one."""
    for statement in statements:
        assert statement["Effect"] == "Allow"
        for action in listed(statement["Action"]):
            for resource in listed(statement["Resource"]):
                yield action, flat(resource)
