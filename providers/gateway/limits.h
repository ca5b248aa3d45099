// How many of each thing there may be (API Gateway V2 reference, "Notes and Constraints"). How many APIs an instance
// holds depends on its edition, see rules.h.
#pragma once

#include <cstddef>

namespace sluice::gateway {

inline constexpr std::size_t kMostGroups = 1500;
inline constexpr std::size_t kMostApisInGroup = 1000;
inline constexpr std::size_t kMostApisInImport = 300;
inline constexpr std::size_t kMostParameters = 50;
inline constexpr std::size_t kMostTags = 10;
inline constexpr std::size_t kMostBackendPolicies = 5;
inline constexpr std::size_t kMostEnvironments = 10;
inline constexpr std::size_t kMostVersions = 10;  ///< kept of an API in an environment
inline constexpr std::size_t kMostInBatch = 1000;
inline constexpr std::size_t kMostThrottles = 300;
inline constexpr std::size_t kMostAcls = 100;
inline constexpr std::size_t kMostPlugins = 500;
inline constexpr std::size_t kMostResponses = 4;  ///< of a group
inline constexpr std::size_t kMostAuthorizers = 50;
inline constexpr std::size_t kMostChannels = 200;
inline constexpr std::size_t kMostOrchestrations = 300;
inline constexpr std::size_t kMostOrchestrationsOfApi = 50;
inline constexpr std::size_t kMostMembers = 10;  ///< of a channel

}  // namespace sluice::gateway
