#include <array>
#include <utility>

#include "engine/commands/command.h"
#include "engine/output.h"

namespace sluice {
namespace {

// The manifest is strict, as its reader is. Plans and events get new members in later versions, so theirs are open.

constexpr std::string_view kManifestSchema = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Sluice manifest",
  "description": "What an API gateway should hold. Texts may hold variables: ${NAME}, ${NAME:-default}, ${secret:NAME}.",
  "type": "object",
  "properties": {
    "version": {"enum": [1, "1"]},
    "gateway": {"$ref": "#/$defs/gateway"},
    "state": {"type": "string", "description": "A file, such as .sluice/state.db, or postgres://USER@HOST:PORT/DATABASE?name=STATE; https://… is not built yet"},
    "ratelimits": {"type": "object", "additionalProperties": {"$ref": "#/$defs/ratelimit"}},
    "acls": {"type": "object", "additionalProperties": {"$ref": "#/$defs/acl"}},
    "external": {"$ref": "#/$defs/texts", "description": "Addresses of policies that must exist and are never changed"},
    "defaults": {"$ref": "#/$defs/settings"},
    "groups": {"type": "array", "items": {"$ref": "#/$defs/group"}},
    "moved": {"type": "array", "items": {"type": "object", "properties": {"from": {"type": "string"}, "to": {"type": "string"}}, "required": ["from", "to"], "additionalProperties": false}},
    "include": {"$ref": "#/$defs/texts", "description": "More files, with groups and policies"},
    "jobs": {"type": ["array", "object"]}
  },
  "additionalProperties": false,
  "$defs": {
    "texts": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
    "count": {"anyOf": [{"type": "integer", "minimum": 0}, {"$ref": "#/$defs/variable"}, {"type": "string", "pattern": "^[0-9]+$"}]},
    "flag": {"anyOf": [{"type": "boolean"}, {"$ref": "#/$defs/variable"}]},
    "variable": {"type": "string", "pattern": "\\$\\{"},
    "gateway": {
      "type": ["object", "null"],
      "description": "Absent: the embedded gateway, with data in .sluice/gateway.db",
      "properties": {
        "provider": {"anyOf": [{"enum": ["apig", "dataarts", "embedded"]}, {"$ref": "#/$defs/variable"}]},
        "cloud": {"anyOf": [{"enum": ["huawei", "otc"]}, {"$ref": "#/$defs/variable"}]},
        "region": {"type": "string"},
        "endpoint": {"type": "string"},
        "iam_endpoint": {"type": "string"},
        "project_id": {"type": "string"},
        "instance_id": {"type": "string"},
        "ca_file": {"type": "string"},
        "cert_file": {"type": "string"},
        "key_file": {"type": "string"},
        "limits": {
          "type": "object",
          "properties": {"apis_per_import": {"$ref": "#/$defs/count"}, "requests_per_second": {"$ref": "#/$defs/count"}},
          "additionalProperties": false
        },
        "data": {"type": "string", "description": "Of the embedded gateway: its file"},
        "latency": {"type": "string", "description": "Of the embedded gateway: how long tasks take, such as 2s"},
        "credentials": {
          "type": "object",
          "properties": {"command": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
          "required": ["command"],
          "additionalProperties": false
        },
        "quirks": {"type": "object", "additionalProperties": {"type": ["string", "boolean", "number"]}},
        "faults": {"type": "string"}
      },
      "additionalProperties": false
    },
    "ratelimit": {
      "type": "object",
      "properties": {
        "api-limit": {"$ref": "#/$defs/count"}, "user-limit": {"$ref": "#/$defs/count"},
        "app-limit": {"$ref": "#/$defs/count"}, "ip-limit": {"$ref": "#/$defs/count"},
        "interval": {"$ref": "#/$defs/count"}, "unit": {"type": "string"}, "shared": {"$ref": "#/$defs/flag"},
        "special": {"type": "array", "items": {"type": "object"}}
      }
    },
    "acl": {
      "type": "object",
      "properties": {"acl-type": {"type": "string"}, "entity-type": {"type": "string"}, "value": {"type": ["string", "array"]}}
    },
    "group": {
      "allOf": [{"$ref": "#/$defs/settings"}],
      "properties": {
        "name": {"type": "string", "minLength": 3, "maxLength": 255},
        "swagger": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
      },
      "required": ["name", "swagger"],
      "unevaluatedProperties": false
    },
    "settings": {
      "type": ["object", "null"],
      "properties": {
        "name": true,
        "swagger": true,
        "description": {"type": "string"},
        "owner": {"type": "string"},
        "select": {
          "type": ["object", "null"],
          "properties": {"paths": {"$ref": "#/$defs/texts"}, "tags": {"$ref": "#/$defs/texts"}, "methods": {"$ref": "#/$defs/texts"}, "exclude": {"$ref": "#/$defs/texts"}},
          "additionalProperties": false
        },
        "operations": {"$ref": "#/$defs/operations"},
        "overrides": {
          "type": ["array", "null"],
          "items": {
            "type": "object",
            "properties": {"match": {"type": "string"}, "set": {"type": "object"}},
            "required": ["match", "set"],
            "additionalProperties": false
          }
        },
        "environments": {"type": ["array", "null"], "items": {"type": "string"}},
        "prune": {"anyOf": [{"enum": ["none", "managed", "all"]}, {"$ref": "#/$defs/variable"}]},
        "api_mode": {"anyOf": [{"enum": ["auto", "merge", "override"]}, {"$ref": "#/$defs/variable"}]},
        "extend_mode": {"anyOf": [{"enum": ["auto", "merge", "override"]}, {"$ref": "#/$defs/variable"}]},
        "risks": {
          "type": ["object", "null"],
          "description": "How grave a risk rule is here, and which risks are accepted; `sluice help risks` lists the rules",
          "properties": {
            "severity": {"type": ["object", "null"], "additionalProperties": {"anyOf": [{"enum": ["safe", "warning", "breaking"]}, {"$ref": "#/$defs/variable"}]}},
            "accept": {
              "type": ["array", "null"],
              "items": {
                "type": "object",
                "properties": {"rule": {"type": "string"}, "api": {"type": "string"}, "reason": {"type": "string"}, "until": {"type": "string", "description": "The last day on which it counts, such as 2027-01-31"}},
                "required": ["rule", "reason"],
                "additionalProperties": false
              }
            }
          },
          "additionalProperties": false
        },
        "unsupported": {"anyOf": [{"enum": ["error", "drop"]}, {"$ref": "#/$defs/variable"}]},
        "renamed_from": {"type": "string"},
        "sensitive": {"$ref": "#/$defs/texts", "description": "Paths as in ignore, such as /description: texts that are only kept and shown as keyed hashes"},
        "protect": {"anyOf": [{"type": "boolean"}, {"$ref": "#/$defs/texts"}]},
        "ignore": {
          "type": ["array", "null"],
          "items": {
            "type": "object",
            "properties": {
              "path": {"type": "string", "pattern": "^/", "description": "A field, with keys for keyed lists: /parameters/query:limit/required; * is one part, ** any number"},
              "api": {"type": "string", "description": "Operations, such as GET /v1/pets/*; all of the group when absent"},
              "reason": {"type": "string"},
              "until": {"type": "string", "description": "The last day, YYYY-MM-DD; past it the rule still holds, and is reported"}
            },
            "required": ["path"],
            "additionalProperties": false
          }
        }
      },
      "additionalProperties": false
    },
    "operations": {
      "type": ["object", "null"],
      "description": "Fills in what plain Swagger files do not say; what a file says itself wins",
      "properties": {
        "name": {"type": "string", "description": "Such as {operationId} or {method}_{path}"},
        "auth": {"type": "string", "pattern": "^(none|app|iam|authorizer .+|.*\\$\\{.*)$"},
        "request_type": {"anyOf": [{"enum": ["public", "private"]}, {"$ref": "#/$defs/variable"}]},
        "schemes": {"type": "array", "items": {"enum": ["http", "https"]}, "minItems": 1},
        "backend": {"$ref": "#/$defs/backend"},
        "parameters": {"anyOf": [{"enum": ["path", "all"]}, {"$ref": "#/$defs/variable"}]},
        "response": {"type": "string"},
        "ratelimit": {"type": "string"},
        "acl": {"type": "string"},
        "plugins": {"$ref": "#/$defs/texts"}
      },
      "additionalProperties": false
    },
    "backend": {
      "type": ["object", "null"],
      "properties": {
        "type": {"anyOf": [{"enum": ["HTTP", "HTTP-VPC", "FUNCTION", "MOCK"]}, {"$ref": "#/$defs/variable"}]},
        "address": {"type": "string"}, "channel": {"type": "string"}, "scheme": {"type": "string"},
        "method": {"type": "string"}, "path": {"type": "string"}, "timeout": {"$ref": "#/$defs/count"},
        "function_urn": {"type": "string"}, "version": {"type": "string"}, "invocation_type": {"type": "string"},
        "network_type": {"type": "string"}, "result": {"type": "string"}, "host": {"type": "string"}
      },
      "additionalProperties": false
    }
  }
}
)json";

constexpr std::string_view kPlanSchema = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Sluice plan",
  "description": "What `plan`, `show` and `drift` print with --format json. Later 1.x versions add members.",
  "type": "object",
  "properties": {
    "format_version": {"type": "string", "pattern": "^1\\."},
    "sluice_version": {"type": "string"},
    "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
    "gateway": {"$ref": "#/$defs/gateway"},
    "applyable": {"type": "boolean"},
    "complete": {"type": "boolean"},
    "errored": {"type": "boolean"},
    "refresh_only": {"type": "boolean", "description": "Apply takes what drifted into the state, and sends nothing"},
    "scope": {
      "type": "object",
      "description": "What it leaves out of sight, because --target, --exclude or --changed was said",
      "properties": {
        "targets": {"type": "array", "items": {"type": "string"}},
        "excludes": {"type": "array", "items": {"type": "string"}},
        "left_out": {"type": "integer", "minimum": 0, "description": "Changes that are not in it"},
        "notes": {"type": "array", "items": {"type": "string"}, "description": "What comes along, and what stays behind"},
        "changed_only": {"type": "boolean"},
        "unseen_groups": {"type": "integer", "minimum": 0, "description": "Groups that were not exported"}
      },
      "required": ["targets", "excludes", "left_out", "notes", "changed_only", "unseen_groups"]
    },
    "resource_changes": {"type": "array", "items": {"$ref": "#/$defs/resource_change"}},
    "resource_drift": {"type": "array", "items": {"$ref": "#/$defs/resource_change"}},
    "unmanaged": {"$ref": "#/$defs/addresses"},
    "unowned": {"$ref": "#/$defs/addresses"},
    "ignored": {
      "type": "array",
      "items": {"type": "object", "properties": {"address": {"type": "string"}, "path": {"type": "string"}, "reason": {"type": ["string", "null"]}}, "required": ["address", "path"]}
    },
    "kept": {"$ref": "#/$defs/addresses"},
    "protection": {
      "type": "object",
      "description": "What apply starts and stops to remember as protected, and what is protected and would go",
      "properties": {
        "added": {"$ref": "#/$defs/addresses"},
        "removed": {"$ref": "#/$defs/addresses"},
        "violated": {
          "type": "array",
          "items": {"type": "object", "properties": {"address": {"type": "string"}, "deleted": {"type": "boolean"}, "source": {"$ref": "#/$defs/source"}}, "required": ["address", "deleted", "source"]}
        }
      },
      "required": ["added", "removed", "violated"]
    },
    "collisions": {
      "type": "array",
      "items": {"type": "object", "properties": {"address": {"type": "string"}, "difference": {"type": "string"}, "source": {"$ref": "#/$defs/source"}, "holder": {"type": ["string", "null"], "description": "Who has the name that is taken"}, "way_out": {"type": "string"}, "holder_left_out": {"type": "boolean"}}, "required": ["address", "difference", "source"]}
    },
    "undeclared": {"type": "integer", "minimum": 0},
    "refusals": {"type": "array", "items": {"type": "string"}, "description": "Why apply would not carry it out"},
    "shortages": {"type": "array", "items": {"type": "string"}, "description": "Quotas that it does not fit into"},
    "diagnostics": {"type": "array", "items": {"$ref": "#/$defs/diagnostic"}, "description": "What the gateway lacks of what the files name"},
    "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}},
    "summary": {"$ref": "#/$defs/summary"}
  },
  "required": ["format_version", "sluice_version", "digest", "gateway", "applyable", "complete", "errored",
               "resource_changes", "resource_drift", "unmanaged", "ignored", "steps", "summary"],
  "$defs": {
    "addresses": {"type": "array", "items": {"type": "string"}},
    "gateway": {
      "type": "object",
      "properties": {"provider": {"type": "string"}, "endpoint": {"type": "string"}, "project_id": {"type": "string"}, "instance_id": {"type": "string"}},
      "required": ["provider", "endpoint", "project_id", "instance_id"]
    },
    "source": {
      "type": ["object", "null"],
      "properties": {"file": {"type": "string"}, "line": {"type": "integer", "minimum": 0}, "column": {"type": "integer", "minimum": 0}},
      "required": ["file", "line", "column"]
    },
    "diagnostic": {
      "type": "object",
      "properties": {
        "severity": {"enum": ["error", "warning"]}, "code": {"type": "string"}, "summary": {"type": "string"}, "detail": {"type": "string"},
        "file": {"type": ["string", "null"]}, "line": {"type": ["integer", "null"]}, "column": {"type": ["integer", "null"]}
      },
      "required": ["severity", "code", "summary", "detail", "file", "line", "column"]
    },
    "risk": {"enum": ["safe", "warning", "breaking"]},
    "accepted": {
      "type": "object",
      "description": "An exception of the manifest: the risk counts as safe",
      "properties": {"risk": {"$ref": "#/$defs/risk"}, "reason": {"type": "string"}, "until": {"type": ["string", "null"]}},
      "required": ["risk", "reason"]
    },
    "origin": {"enum": ["pending", "drift", "conflict", "adopted"]},
    "field": {
      "type": "object",
      "properties": {
        "path": {"type": "string", "description": "A JSON pointer, with keys for elements of keyed lists"},
        "before": {"description": "Live"},
        "after": {"description": "What apply will leave"},
        "live": true,
        "base": {"description": "What the last apply left, where it differs from live"},
        "origin": {"$ref": "#/$defs/origin"},
        "risk": {"$ref": "#/$defs/risk"},
        "rule": {"type": ["string", "null"]},
        "why": {"type": "string", "description": "What the rule means for callers"},
        "accepted": {"$ref": "#/$defs/accepted"}
      },
      "required": ["path", "before", "after", "live", "origin", "risk", "rule"]
    },
    "change": {
      "type": "object",
      "properties": {
        "actions": {"enum": [["no-op"], ["create"], ["update"], ["delete"], ["delete", "create"], ["create", "delete"]]},
        "before": {"type": ["object", "null"]},
        "after": {"type": ["object", "null"]},
        "before_sensitive": true,
        "after_sensitive": true,
        "fields": {"type": "array", "items": {"$ref": "#/$defs/field"}}
      },
      "required": ["actions", "before", "after", "before_sensitive", "after_sensitive", "fields"]
    },
    "resource_change": {
      "type": "object",
      "properties": {
        "address": {"type": "string"},
        "type": {"type": "string"},
        "group": {"type": "string", "description": "Empty for what belongs to the gateway"},
        "environment": {"type": "string"},
        "name": {"type": "string"},
        "change": {"$ref": "#/$defs/change"},
        "risk": {"$ref": "#/$defs/risk"},
        "rule": {"type": ["string", "null"]},
        "why": {"type": "string", "description": "What the rule means for callers"},
        "accepted": {"$ref": "#/$defs/accepted"},
        "prevented_by": {"type": "string", "description": "The forced mode under which it will not happen"},
        "origin": {"$ref": "#/$defs/origin"},
        "reason": {"type": "string"},
        "source": {"$ref": "#/$defs/source"},
        "moved_from": {"type": ["string", "null"]},
        "moved_to": {"type": ["string", "null"]},
        "importing": {"type": "boolean"},
        "owned": {"type": "boolean"},
        "touches": {"$ref": "#/$defs/addresses"},
        "resets": {"type": "array", "items": {"type": "string"}, "description": "What the gateway holds of the API and no document carries, in its own words: the import resets it"}
      },
      "required": ["address", "type", "group", "name", "change", "risk", "reason", "source", "moved_from", "importing"]
    },
    "step": {
      "type": "object",
      "properties": {
        "id": {"type": "integer", "minimum": 1},
        "kind": {"type": "string"},
        "group": {"type": "string"},
        "environment": {"type": "string"},
        "api_mode": {"enum": ["merge", "override", null]},
        "extend_mode": {"enum": ["merge", "override", null]},
        "reason": {"type": "string"},
        "addresses": {"$ref": "#/$defs/addresses"},
        "predicted": {"type": "object", "additionalProperties": {"type": "string"}},
        "depends_on": {"type": "array", "items": {"type": "integer"}}
      },
      "required": ["id", "kind", "group", "api_mode", "extend_mode", "reason", "addresses", "predicted", "depends_on"]
    },
    "summary": {
      "type": "object",
      "properties": {
        "create": {"$ref": "#/$defs/number"}, "update": {"$ref": "#/$defs/number"}, "delete": {"$ref": "#/$defs/number"},
        "replace": {"$ref": "#/$defs/number"}, "import": {"$ref": "#/$defs/number"}, "no_op": {"$ref": "#/$defs/number"},
        "drift": {"$ref": "#/$defs/number"}, "conflict": {"$ref": "#/$defs/number"},
        "breaking": {"$ref": "#/$defs/number"}, "unmanaged": {"$ref": "#/$defs/number"},
        "prevented": {"$ref": "#/$defs/number", "description": "Updates that a forced mode does not let happen"},
        "ignored": {"$ref": "#/$defs/number", "description": "Fields; this and what follows only where there are any"},
        "kept": {"$ref": "#/$defs/number", "description": "Resources that stay as on the gateway, though the files differ"},
        "unowned": {"$ref": "#/$defs/number", "description": "Resources as the files want them that are not ours"}
      },
      "required": ["create", "update", "delete", "replace", "import", "no_op", "drift", "conflict", "breaking", "unmanaged"]
    },
    "number": {"type": "integer", "minimum": 0}
  }
}
)json";

constexpr std::string_view kEventsSchema = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Sluice event",
  "description": "One line of `apply --format json`. The first is a version, the last an apply_complete.",
  "type": "object",
  "properties": {
    "type": {"enum": ["version", "planned_change", "apply_start", "step_start", "task_progress", "step_complete",
                      "step_failed", "outcome", "diagnostic", "apply_complete"]},
    "timestamp": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$"},
    "run_id": {"type": "string", "minLength": 1}
  },
  "required": ["type", "timestamp", "run_id"],
  "allOf": [
    {"if": {"properties": {"type": {"const": "version"}}},
     "then": {"properties": {"sluice_version": {"type": "string"}, "format_version": {"type": "string"}}, "required": ["sluice_version", "format_version"]}},
    {"if": {"properties": {"type": {"const": "planned_change"}}},
     "then": {
       "properties": {
         "address": {"type": "string"}, "resource_type": {"type": "string"}, "group": {"type": "string"}, "name": {"type": "string"},
         "change": {"type": "object", "properties": {"actions": {"type": "array"}, "fields": {"type": "array"}}, "required": ["actions", "before", "after", "fields"]},
         "risk": {"enum": ["safe", "warning", "breaking"]}, "reason": {"type": "string"}, "source": {"type": ["object", "null"]}
       },
       "required": ["address", "resource_type", "change", "risk", "reason"]
     }},
    {"if": {"properties": {"type": {"const": "apply_start"}}},
     "then": {
       "properties": {"gateway": {"type": "object"}, "digest": {"type": "string"}, "steps": {"type": "array"}, "summary": {"type": "object"}},
       "required": ["gateway", "digest", "steps", "summary"]
     }},
    {"if": {"properties": {"type": {"enum": ["step_start", "step_complete", "step_failed"]}}},
     "then": {"properties": {"step": {"type": "integer"}, "kind": {"type": "string"}, "group": {"type": "string"}}, "required": ["step", "kind", "group"]}},
    {"if": {"properties": {"type": {"const": "step_start"}}},
     "then": {
       "properties": {"resources": {"type": "integer"}, "api_mode": {"enum": ["merge", "override"]}, "extend_mode": {"enum": ["merge", "override"]}},
       "required": ["resources"]
     }},
    {"if": {"properties": {"type": {"const": "step_failed"}}},
     "then": {
       "properties": {"effect": {"enum": ["none", "unknown"]}, "error_code": {"type": ["string", "null"]}, "error_msg": {"type": ["string", "null"]}},
       "required": ["effect", "error_code", "error_msg"]
     }},
    {"if": {"properties": {"type": {"const": "task_progress"}}},
     "then": {
       "properties": {"step": {"type": "integer"}, "group": {"type": "string"}, "task_id": {"type": "string"}, "status": {"type": "string"}},
       "required": ["step", "task_id", "status"]
     }},
    {"if": {"properties": {"type": {"const": "outcome"}}},
     "then": {
       "properties": {
         "address": {"type": "string"}, "predicted": {"type": "string"},
         "actual": {"enum": ["created", "updated", "deleted", "published", "offline", "bound", "unbound", "ignored", "failed", "unknown", "skipped"]},
         "error_code": {"type": ["string", "null"]}, "error_msg": {"type": ["string", "null"]}
       },
       "required": ["address", "predicted", "actual", "error_code", "error_msg"]
     }},
    {"if": {"properties": {"type": {"const": "diagnostic"}}},
     "then": {
       "properties": {"severity": {"enum": ["error", "warning"]}, "code": {"type": "string"}, "summary": {"type": "string"}},
       "required": ["severity", "code", "summary"]
     }},
    {"if": {"properties": {"type": {"const": "apply_complete"}}},
     "then": {
       "properties": {"summary": {"$ref": "#/$defs/counts"}, "converged": {"type": "boolean"}, "exit_code": {"type": "integer"}, "digest": {"type": "string"}},
       "required": ["summary", "converged", "exit_code"]
     }}
  ],
  "$defs": {
    "counts": {
      "type": "object",
      "properties": {
        "added": {"type": "integer"}, "changed": {"type": "integer"}, "destroyed": {"type": "integer"}, "adopted": {"type": "integer"},
        "not_as_predicted": {"type": "integer"}, "steps_sent": {"type": "integer"}
      },
      "required": ["added", "changed", "destroyed", "not_as_predicted", "steps_sent"]
    }
  }
}
)json";

constexpr std::string_view kHistorySchema = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "What sluice history, and history show, print with --format json",
  "type": "object",
  "oneOf": [
    {"properties": {"runs": {"type": "array", "items": {"$ref": "#/$defs/run"}}}, "required": ["runs"]},
    {
      "properties": {
        "run": {"$ref": "#/$defs/run"},
        "outcomes": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "address": {"type": "string"}, "predicted": {"type": "string"}, "actual": {"type": "string"},
              "error_code": {"type": ["string", "null"]}, "error_msg": {"type": ["string", "null"]}
            },
            "required": ["address", "predicted", "actual", "error_code", "error_msg"]
          }
        },
        "requests": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "id": {"type": "integer"}, "group": {"type": "string"}, "kind": {"type": "string"}, "sent_at": {"type": "string"},
              "task_id": {"type": ["string", "null"]}, "outcome": {"type": ["string", "null"]}, "settled": {"type": "boolean"},
              "resources": {"type": "array", "items": {"type": "string"}}
            },
            "required": ["id", "group", "kind", "sent_at", "settled", "resources"]
          }
        },
        "journal": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "seq": {"type": "integer"}, "request": {"type": "integer"}, "at": {"type": "string"}, "data": {"type": "string"},
              "event": {"enum": ["opened", "task", "result", "outcome", "closed"]}
            },
            "required": ["seq", "request", "event", "at", "data"]
          }
        }
      },
      "required": ["run", "outcomes", "requests", "journal"]
    }
  ],
  "$defs": {
    "run": {
      "type": "object",
      "properties": {
        "id": {"type": "string"}, "operation": {"type": "string"}, "actor": {"type": "string"},
        "started_at": {"type": "string"}, "ended_at": {"type": ["string", "null"]}, "exit_code": {"type": ["integer", "null"]},
        "revision": {"type": ["string", "null"]}, "ci_url": {"type": ["string", "null"]}, "plan_digest": {"type": "string"},
        "resumed_from": {"type": ["string", "null"]}, "outcomes": {"type": "object", "additionalProperties": {"type": "integer"}},
        "open_requests": {"type": "integer"}, "has_plan": {"type": "boolean"}, "has_backup": {"type": "boolean"}
      },
      "required": ["id", "actor", "started_at", "ended_at", "exit_code", "plan_digest", "outcomes", "open_requests"]
    }
  }
}
)json";

}  // namespace

ExitCode run_schema(const CommandContext& context) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kSchemas = {
      {{"manifest", kManifestSchema}, {"plan", kPlanSchema}, {"events", kEventsSchema}, {"history", kHistorySchema}}};
  const auto& arguments = context.invocation.arguments;
  for (const auto& [name, text] : kSchemas) {
    if (arguments.empty() || arguments[0] != name) continue;
    tell_stdout(text);
    return ExitCode::Done;
  }
  return report_usage("`sluice schema` needs the name of a schema: manifest, plan, events or history.");
}

}  // namespace sluice
