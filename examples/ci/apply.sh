#!/bin/sh
# Applies the plan in reports/ that plan.sh left and somebody approved: that one, or nothing. Run again after an
# interruption, it goes on.
set -eu
exec sluice apply reports/plan.json --expect "$(cat reports/digest)" "$@"
