// Secrets of a manifest. A value that holds one is a *mark* while files are read (it names the secret), a *mask* in
// everything that is kept, shown or compared (a keyed hash), and plain only on its way to the gateway.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/resource.h"
#include "plan/result.h"
#include "plan/secret.h"
#include "plan/value.h"

namespace sluice {

/// What the secrets of a manifest are, by NAME.
using Secrets = std::map<std::string, Secret, std::less<>>;

/// The characters that marks are made of. No other text of a manifest may hold them.
constexpr std::string_view kMarkCharacters = "\x01\x02\x03";

/// The piece of a mark that stands for one secret. A text with pieces becomes a mark by `as_mark`.
std::string secret_piece(std::string_view name);
std::string as_mark(std::string text);
bool is_mark(std::string_view text);
/// Whether a mark stands anywhere in the value.
bool holds_mark(const Value& value);

/// Whether a mark or mask stands anywhere in it, within a text or in a name too: a file that is read may hold neither.
bool holds_secret_form(const Value& value);
/// The text with the marks in it, whole or not, written as the manifest writes them; for messages.
std::string text_with_marks_shown(std::string_view text);

/// The value with marks written as the manifest writes them: ${secret:NAME}.
Value with_marks_shown(const Value& value);

/// Whether a text is a mask: "secret:hmac-sha256:" and 32 hexadecimal digits.
bool is_mask(std::string_view text);
/// Whether a mask stands anywhere in a text, such as a JSON document.
bool holds_mask(std::string_view text);
/// The text with each mask in it, quoted or not, replaced by (sensitive).
std::string with_masks_hidden(std::string_view text);
/// The members of a body that are masks, each as `true`, in the body's own shape.
Value sensitive_parts(const Value& body);

/// Masks what is secret with one key, and knows what the masks stand for.
class SecretVault {
 public:
  SecretVault(Secret key, Secrets secrets);

  /// Replaces the marks in what the files ask for by masks, over the canonical form of what they stand for; from now on
  /// the same places are masked in live. A mark where none can be, and a text that is too long for a gateway once its
  /// secrets are in it, are errors at their resource.
  Diagnostics seal(ResourceMap& desired);

  /// Tells what a plan leaves of a resource, as seal does for what the files ask for: the very text that stands there
  /// in plain is no secret in its place, whatever the base says.
  void ask(const Address& address, const Value& body);

  /// Masks the places in live that are masked in this body of the base, written as JSON. A text in it that holds a
  /// secret in plain stays so.
  void expect(const Address& address, const std::string& body);

  /// Masks in the base what the files have made a secret since it was written, and opens what they have made plain. Its
  /// publications in `environments` leave the base, so that both are written anew, and count as seen.
  void mask(Baseline& base, const std::vector<std::string>& environments) const;

  /// Masks in live what was sealed or expected, in publications too, and wherever a text is or holds what a secret
  /// stands for (of 4 characters or more); but for what is asked for in plain.
  void mask(ResourceMap& live) const;
  /// The same, and from now on `reveal` knows what was masked: a plan may keep it. Not while steps are sent.
  void mask_and_learn(ResourceMap& live);

  /// A document that is sent, with the plain texts in it. Errors: Refused when a mask stands for no secret.
  Result<std::string> reveal(std::string_view document) const;

  /// A message from outside without the plain texts.
  std::string redacted(std::string text) const;

 private:
  Value revealed(const Value& value) const;
  std::string mask_of(const std::string& plain) const;
  std::function<std::string(const std::string&)> masker() const;  ///< leaves masks as they are
  const Value* asked_of(const Address& address) const;
  bool holds_known(std::string_view text) const;
  /// A body of live, with the places of `owner` and the known texts masked.
  Value masked(const Value& body, const Address& owner,
               const std::function<std::string(const std::string&)>& mask) const;
  void mask(ResourceMap& live, const std::function<std::string(const std::string&)>& mask) const;
  std::string learned(const std::string& text);  ///< its mask, which `reveal` knows then

  Secret key_;
  Secrets secrets_;
  std::map<std::string, Secret> plain_;             ///< by mask
  std::map<Address, std::vector<Value>> patterns_;  ///< bodies with marks or masks where live is to be masked
  std::map<Address, Value> asked_;                  ///< bodies that are asked for, masked
  std::map<Address, Value> plain_bases_;            ///< bodies of the base where a known text stands in plain
  std::vector<Secret> known_;                       ///< the secrets as they may stand in a text
};

}  // namespace sluice
