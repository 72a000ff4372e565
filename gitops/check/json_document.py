"""The JSON of `gitops check --output json`: stable, so that scripts may rely on it. Additions only, while `version` is 1.

`gitops check --help` and docs/check.md describe it.
"""

from dataclasses import asdict
from typing import Any

from gitops.check.run import Report


def document(report: Report) -> dict[str, Any]:
    """Everything that the table shows; recipients whole."""
    return {
        "version": 1,
        "stack": report.stack,
        "fine": report.is_fine,
        "record": str(report.record) if report.record else None,
        "repositories": [
            {
                "name": name,
                "url": report.urls[name],
                "commit": checkout.commit,
                "files": [
                    {"file": file.path, "synced": file.synced, "readers": file.readers, "recipients": file.recipients}
                    for file in report.files
                    if file.repository == name
                ],
            }
            for name, checkout in sorted(report.checkouts.items())
        ],
        "findings": [
            {
                "kind": finding.rule,
                "severity": finding.severity.value,
                "repository": finding.repository,
                "file": finding.file,
                "line": finding.line or None,
                "text": finding.text,
                "object": str(finding.object) if finding.object else None,
                "message": asdict(finding.message),
                "acknowledged": finding.acknowledged,
            }
            for finding in report.findings
        ],
    }
