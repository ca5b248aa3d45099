// Secrets of a manifest. A value that holds one is a *mark* while files are read (it names the secret), a *mask* in
// everything that is kept, shown or compared (a keyed hash), and plain only on its way to the gateway.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/diagnostic.h"
#include "plan/ignore_path.h"
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

/// Whether a text is a mask: "secret:hmac-sha256:" and 32 hexadecimal digits, of which the last 8 tell the key.
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
  /// `sensitive` are the paths of `sensitive`, by group.
  SecretVault(Secret key, Secrets secrets, const std::map<std::string, std::vector<std::string>>& sensitive = {});

  /// Replaces the marks in what the files ask for by masks, over the canonical form of what they stand for; from now on
  /// the same places are masked in live. What is sensitive is masked too. A mark where none can be, and a text that is
  /// too long for a gateway once its secrets are in it, are errors at their resource.
  Diagnostics seal(ResourceMap& desired);

  /// Tells what a plan leaves of a resource, as seal does for what the files ask for: the very text that stands there
  /// in plain is no secret in its place, whatever the base says.
  void ask(const Address& address, const Value& body);

  /// Masks the places in live that are masked in this body of the base, written as JSON. A text in it that holds a
  /// secret in plain stays so.
  void expect(const Address& address, const std::string& body);

  /// Masks in the base what is a secret or sensitive by now, and opens what the files have made plain. The publications
  /// of what was served so stay what they were; what moves is in `remasked`.
  void mask(Baseline& base) const;

  /// Whether a base that was expected holds masks that another key made, so that they say nothing.
  bool saw_other_key() const { return saw_other_key_; }

  /// The base as it compares with `live`, which this vault has masked and learned: masks of another key count as what
  /// the gateway holds there, and what was served in plain is known by its masked digest. `own` holds it where it is
  /// not `base` itself.
  const Baseline& comparable(const Baseline& base, const LiveState& live, std::optional<Baseline>& own) const;

  /// Masks in live what is sensitive, what was sealed or expected, in publications too, and wherever a text is or holds
  /// what a secret stands for (of 4 characters or more); but for what is asked for in plain.
  void mask(ResourceMap& live) const;
  /// The same, and from now on `reveal` knows what was masked: a plan may keep it. Not while steps are sent.
  void mask_and_learn(ResourceMap& live);

  /// A document that is sent, with the plain texts in it. Errors: Refused when a mask stands for no secret.
  Result<std::string> reveal(std::string_view document) const;

  /// A message from outside without the plain texts.
  std::string redacted(std::string text) const;

  /// Every sensitive text of what the files ask for, as they were before `seal`, each once and in order.
  std::vector<std::string> sensitive_texts(const ResourceMap& desired) const;

 private:
  bool is_of_other_key(std::string_view mask) const;
  /// The body of an API with what is sensitive in its group masked.
  Value with_sensitive_masked(const Value& body, const Address& owner,
                              const std::function<std::string(const std::string&)>& mask) const;
  const PathWalk& sensitive_in(const std::string& group) const;
  /// A body of the base, with what is a secret by now masked, and what is plain by now opened.
  Value masked_base(const Address& address, const Value& body) const;
  Value revealed(const Value& value) const;
  std::string mask_of(const std::string& plain) const;
  std::function<std::string(const std::string&)> masker() const;  ///< leaves masks as they are
  const Value* asked_of(const Address& address) const;
  bool holds_known(std::string_view text) const;
  /// A body of live, with what is to be hidden there masked.
  Value masked(const Resource& live, const std::function<std::string(const std::string&)>& mask) const;
  std::string learned(const std::string& text);  ///< its mask, which `reveal` knows then

  Secret key_;
  Secrets secrets_;
  std::map<std::string, Secret> plain_;             ///< by mask
  std::map<Address, std::vector<Value>> patterns_;  ///< bodies with marks or masks where live is too
  std::map<Address, Value> asked_;                  ///< bodies that are asked for, masked
  std::map<Address, Value> plain_bases_;            ///< bodies of the base where a known text stands in plain
  std::vector<Secret> known_;                       ///< the secrets as they may stand in a text
  std::map<std::string, PathWalk> sensitive_;       ///< by group
  std::string key_digits_;                          ///< the end of each mask that is made with this key
  std::map<std::string, std::string> digests_;      ///< of what was learned: masked, by plain
  bool saw_other_key_ = false;
};

}  // namespace sluice
