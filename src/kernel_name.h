// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// For what is compiled once for each set of instructions, which the macro KERNEL names: that name
// as a text, and a variable's name with it at its end.
#define FACEREC_TEXT_OF(name) #name
#define FACEREC_TEXT(name) FACEREC_TEXT_OF(name)
#define FACEREC_JOIN_OF(a, b) a##b
#define FACEREC_JOIN(a, b) FACEREC_JOIN_OF(a, b)

#define KERNEL_TEXT FACEREC_TEXT(KERNEL)
#define KERNEL_NAME(prefix) FACEREC_JOIN(prefix, KERNEL)
