// Why an answer could not be taken.
#pragma once

#include <string>

#include "plan/result.h"

namespace sluice {

/// `what` ends a sentence that begins "the answer". Hopeless: it will be the same next time.
struct AnswerFault {
  std::string what;
  bool hopeless = false;
};

/// A part of an answer, or why there is none.
template <typename T>
using Taken = Result<T, AnswerFault>;

inline Unexpected<AnswerFault> bad_answer(std::string what) { return {{std::move(what)}}; }
inline Unexpected<AnswerFault> too_large(std::size_t limit) {
  return {{"is larger than the limit of " + std::to_string(limit) + " bytes", true}};
}

}  // namespace sluice
