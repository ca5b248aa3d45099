// What the parts of the Swagger reader share: the documents, and where findings go.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "plan/swagger.h"
#include "plan/vocabulary.h"

namespace sluice {

/// The reading of one document. Marks that are handed in are in the space that all files share.
class Reading {
 public:
  using Place = References::Place;

  Reading(const References& references, SwaggerOrigin origin, Swagger& result)
      : references_(references), origin_(origin), result_(result) {}

  bool of_file() const { return origin_ == SwaggerOrigin::File; }
  const References& references() const { return references_; }
  std::uint32_t mark(Place place) const { return references_.mark(place.file, place.value->mark()); }
  std::uint32_t mark(std::size_t file, std::uint32_t mark) const { return references_.mark(file, mark); }

  /// Whether so much is wrong that reading on would tell nothing new.
  bool full() const { return result_.findings.size() >= kMostFindings; }

  Dialect dialect = Dialect::Swagger2;
  CloudKind cloud = CloudKind::Huawei;

  /// One finding a code and place: several operations inherit some places.
  void error(std::string code, std::string summary, std::string detail, std::uint32_t mark);
  void warning(std::string code, std::string summary, std::string detail, std::uint32_t mark);
  void left_out(const std::string& kind, std::uint32_t mark);
  /// An export is what a gateway holds, so this would be an error there.
  void unsupported(Unsupported what);
  void fault(const References::Fault& fault);

  /// Where a reference leads; a null value after a finding.
  Place resolve(Place from);

  /// Finds, in a file's object, members that are misspelled, misplaced or unknown; others are counted.
  void check_members(Place holder, Level level);
  /// Finds the gateway's extensions in a file's object that has none.
  void check_strays(Place holder);

 private:
  static constexpr std::size_t kMostFindings = 1000;

  void find(Finding finding);
  void misplaced(std::string_view key, std::string_view where, std::uint32_t at);
  void unknown(std::string_view key, std::uint32_t at);

  const References& references_;
  SwaggerOrigin origin_;
  Swagger& result_;
  std::set<std::pair<std::string, std::uint32_t>> told_;
};

/// Moves the marks of everything inside a value into the space that all files share.
void shift_marks(Value& value, std::uint32_t by);

/// Reads the parameters of an operation and of its path into the operation; false when it cannot stand.
bool read_parameters(Reading& reading, Reading::Place path, Reading::Place operation, Operation& result);

/// Reads who may call an operation: only schemes with x-apigateway-auth-type count, and nothing is guessed.
void read_security(Reading& reading, Reading::Place document, Reading::Place operation, Value& body);

/// Finds what is wrong with the security schemes of a document.
void check_security_schemes(Reading& reading, Reading::Place document);

}  // namespace sluice
