#include "providers/gateway/dataarts/scripts.h"

#include "providers/gateway/dataarts/calls.h"
#include "providers/gateway/dataarts/definitions.h"

namespace sluice::gateway::dataarts {

Reply create_script(Workspace& workspace, const Call& call) {
  auto body = dataarts::read_body(call);
  if (!body) return body.forward();
  if (auto fault = check_script(*body)) return {{std::move(*fault)}};
  if (find_asset(workspace, kScripts, body->text("name"))) return refuse("DLF.0202");
  store_asset(workspace, kScripts, std::nullopt, std::move(*body));
  return empty_answer();
}

Reply list_scripts(Workspace& workspace, const Call& call) {
  const auto names = narrow(asset_names(workspace, kScripts), call.parameter("scriptName"));
  return dataarts::list_answer(workspace, call, "scripts", names, [&](const std::string& name) {
    const auto script = find_asset(workspace, kScripts, name);
    return script ? shown_script(*script) : Value();
  });
}

Reply show_script(Workspace& workspace, const Call& call) {
  const auto script = find_asset(workspace, kScripts, call.ids[0]);
  if (!script) return refuse("DLF.6201");
  return json_answer(200, shown_script(*script));
}

Reply update_script(Workspace& workspace, const Call& call) {
  auto body = dataarts::read_body(call);
  if (!body) return body.forward();
  auto script = find_asset(workspace, kScripts, call.ids[0]);
  if (!script) return refuse("DLF.6201");
  if (auto fault = check_script(*body)) return {{std::move(*fault)}};
  // Name and type of a script stay.
  const bool same = body->text("name") == script->name && body->text("type") == script->definition.text("type");
  if (!same) return refuse("DLF.0203", "Failed to modify the script: its name and type cannot be changed.");
  store_asset(workspace, kScripts, std::move(script), std::move(*body));
  return empty_answer();
}

Reply delete_script(Workspace& workspace, const Call& call) {
  if (!find_asset(workspace, kScripts, call.ids[0])) return refuse("DLF.6201");
  erase_asset(workspace, kScripts, call.ids[0]);
  return empty_answer();
}

}  // namespace sluice::gateway::dataarts
