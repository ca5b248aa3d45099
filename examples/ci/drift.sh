#!/bin/sh
# For a nightly job: ends with 2 when the gateway is not as the last apply left it, with the report in reports/.
set -u
mkdir -p reports
exec sluice drift --format text --format markdown=reports/drift.md --format html=reports/drift.html "$@"
