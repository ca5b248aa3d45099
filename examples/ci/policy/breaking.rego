# conftest test --policy policy reports/report.json
# Refuses breaking changes, deletes of what is not ours, and conflicts.
package main

import rego.v1

deny contains message if {
	some change in input.resource_changes
	change.risk == "breaking"
	message := sprintf("%s breaks callers (%s)", [change.address, change.reason])
}

deny contains message if {
	some change in input.resource_changes
	"delete" in change.change.actions
	change.owned == false
	message := sprintf("%s is not ours, and would be deleted", [change.address])
}

deny contains message if {
	input.summary.conflict > 0
	message := sprintf("%d changes conflict with what was edited on the gateway", [input.summary.conflict])
}
