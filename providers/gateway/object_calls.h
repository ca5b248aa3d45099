// The calls of object storage (OBS): PUT, GET, HEAD and DELETE of an object, PUT of a bucket.
#pragma once

#include <optional>
#include <string>

#include "providers/gateway/access.h"
#include "providers/gateway/objects.h"

namespace sluice::gateway {

/// A request to object storage. `resource` is what its client signs: bucket and key as they stand in the URL.
struct ObjectCall {
  ObjectPath path;
  std::string resource;
};

/// Whether a request is one to object storage: by its host (`obs.…`, or `BUCKET.obs.…`), by its signature
/// (`Authorization: OBS …`), or by a path /BUCKET/KEY that no other service here has.
std::optional<ObjectCall> find_object_call(const HttpRequest& request);

/// Answers it. Refusals are XML, with the statuses and codes of object storage.
HttpResponse answer_object_call(const ObjectCall& call, const HttpRequest& request, Store& store, const Access& access,
                                const Rules& rules, Now now);

}  // namespace sluice::gateway
