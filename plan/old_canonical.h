// A base that was written in another canonical form.
#pragma once

#include "plan/resource.h"

namespace sluice {

/// Brings what is owned and kept to this canonical form, digests included. Publications whose version is not known any
/// more leave the base and count as seen, which is no drift.
void bring_to_canonical_form(Baseline& base);

}  // namespace sluice
