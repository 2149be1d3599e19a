"""The pure modules are importable and usable where there is neither Django nor a database."""

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

MODULES = (
    "governance.kernel.calendar",
    "requests_intake.categories",
    "requests_intake.classification",
    "requests_intake.knowledge_matching",
    "requests_intake.numbering",
    "requests_intake.routing",
    "requests_intake.routing_reading",
    "requests_intake.routing_rules",
    "requests_intake.sampling",
    "requests_intake.similarity",
    "requests_intake.sla",
    "requests_intake.sla.discipline",
    "requests_intake.sla.ledger",
    "requests_intake.sla.policy",
    "requests_intake.sla.policy_reading",
    "requests_intake.sla.stages",
    "requests_intake.sla.units",
    "requests_intake.sla.worktime",
    "services.wording",
)
ALLOWED_OWN = set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_a_pure_module_imports_the_standard_library_and_other_pure_modules_only(module):
    import sys

    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    package = module if spec.submodule_search_locations else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{package}.{node.module}" if node.level else str(node.module)]
        else:
            continue
        for name in names:
            assert name in ALLOWED_OWN or name.partition(".")[0] in sys.stdlib_module_names, name
