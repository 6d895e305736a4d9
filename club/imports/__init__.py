"""Bulk import: files of other systems, read as they are, through the same actions as the till's door."""
