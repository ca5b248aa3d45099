#!/bin/sh
# Writes reports/plan.md as a comment on pull request $1 with GitHub's `gh`, over the comment of an earlier run: the first
# line of the report says for which gateway it is.
set -eu
report=${2:-reports/plan.md}
marker=$(head -n 1 "$report")
comments="repos/$GITHUB_REPOSITORY/issues/$1/comments"
earlier=$(gh api --paginate "$comments" \
  --jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id" | head -n 1)
if [ -n "$earlier" ]; then
  gh api --silent -X PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$earlier" -F "body=@$report"
else
  gh api --silent -X POST "$comments" -F "body=@$report"
fi
