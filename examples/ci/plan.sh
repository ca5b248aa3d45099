#!/bin/sh
# Plans, and leaves everything that a review needs in reports/: the saved plan, its digest, and the plan as text, Markdown
# (for a comment), HTML, JSON and SARIF. Arguments go to `sluice plan`. Ends with 0 also when there are changes; every
# other end is sluice's own, with the reports written.
set -u
mkdir -p reports
rm -f reports/plan.* reports/report.json reports/digest
sluice plan --detailed-exitcode --out reports/plan.json \
  --format text --format json=reports/report.json --format markdown=reports/plan.md --format html=reports/plan.html \
  --format sarif=reports/plan.sarif "$@"
code=$?
if [ -f reports/plan.json ]; then
  sed -n 's/^  "digest": "\(sha256:[0-9a-f]*\)",$/\1/p' reports/report.json >reports/digest
fi
case $code in
  0) echo "Nothing to change." ;;
  2) code=0 ;;
esac
exit $code
