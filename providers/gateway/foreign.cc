#include "providers/gateway/foreign.h"

#include "plan/address.h"
#include "providers/gateway/apis.h"
#include "providers/gateway/publishing.h"

namespace sluice::gateway {

void change_elsewhere(Session& session, const ForeignChange& change) {
  for (auto& [number, api] : session.instance.apis.rows()) {
    std::string label(api.definition.text("req_method"));
    label.append(" ").append(api.definition.text("req_uri"));
    if (!matches_glob(change.api, label)) continue;
    if (change.kind == "publish") {
      publish_draft(session, api, kReleaseId);
    } else if (change.kind == "edit") {
      Value definition = api.definition;
      if (change.set.is_null()) definition.set("remark", "changed by somebody else");
      for (const Value::Member& member : change.set.members()) definition.set(member.key, member.value);
      replace_draft(session, api, std::move(definition));
    } else {
      end_publications(session, api);
    }
    if (change.kind == "delete") {
      const std::string id = api.id;
      session.store.erase_api(session.scope, id);
      session.instance.apis.erase(id);
    }
    return;
  }
}

}  // namespace sluice::gateway
