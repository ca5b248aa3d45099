// Drafts that an export leaves in doubt, asked for one by one. Exports of drafts are documented in two ways (all APIs,
// or those that are not published), and whether they show of a published API its draft or what is served is not at all.
#pragma once

#include <string>
#include <vector>

#include "plan/resource.h"
#include "providers/apig/api_wire.h"
#include "providers/apig/calls.h"

namespace sluice::apig {

/// A version that is served, by one environment.
struct ServedVersion {
  std::string environment;
  const Resource* resource = nullptr;  ///< null when it was not exported
  std::string published_at = {};
};

/// What an export tells of the draft of one API.
struct DraftSeen {
  const ListedApi& api;
  const Resource* shown = nullptr;  ///< taken for the draft, with what is bound to it; null when the export has nothing
  bool exported = false;            ///< as a draft, rather than as served
  std::vector<ServedVersion> served = {};
};

/// Whether the draft may be another one than the one shown: it was changed after it was published, and what is shown is
/// exactly what is published. Where times are Unclear, the listed item has to say so.
bool is_in_doubt(const DraftSeen& seen);

/// Whether this API proves that the export shows drafts as they are.
bool proves_drafts(const DraftSeen& seen);

/// The drafts of some APIs, asked for a few at a time.
class DraftQuestions {
 public:
  struct Question {
    std::string api_id;
    Address address;
  };
  explicit DraftQuestions(std::vector<Question> questions) : questions_(std::move(questions)) {}

  /// Asks for some more; true when all are known. Errors: Unavailable when an API is gone by now, and those of the
  /// questions. What was answered stays, so that this may be called again.
  Result<bool> ask_some(const Calls& calls, const std::string& group_id);
  /// The drafts' bodies, as an export would have them.
  const std::map<Address, Value>& bodies() const { return bodies_; }

 private:
  Result<void> translate(const Calls& calls, const std::string& group_id);

  std::vector<Question> questions_;
  std::vector<Value> definitions_;  ///< of the first questions
  std::map<Address, Value> bodies_;
};

}  // namespace sluice::apig
