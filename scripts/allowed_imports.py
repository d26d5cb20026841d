"""The contract of `lint-imports` that names what a package may import, and so forbids all else.

The kinds that come with import-linter forbid what they are told by name: a package that is new in
pyproject.toml would pass them. May import: the standard library, grimp, import-linter.
"""

import sys
from collections.abc import Iterable
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.imports import Module


class AllowedImports(Contract):
    """The source modules import the standard library, packages of ours, and the `allowed` ones alone."""

    type_name = "allowed"

    source_modules = fields.ListField(subfield=fields.ModuleField())
    allowed = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look through the source modules and all that is below them."""
        ours = {name.partition(".")[0] for name in graph.modules if not graph.is_module_squashed(name)}
        allowed = ours | sys.stdlib_module_names | set(cast(Iterable[str], self.allowed))
        sources = [source.name for source in cast(Iterable[Module], self.source_modules)]
        found = [
            f"{module} imports {imported}"
            for source in sources
            for module in sorted({source, *graph.find_descendants(source)})
            for imported in sorted(graph.find_modules_directly_imported_by(module))
            if imported.partition(".")[0] not in allowed
        ]
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import that is not allowed."""
        for line in check.metadata["found"]:
            output.print_error(line)
