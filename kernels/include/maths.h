// Owns the rules of the elementary functions: own polynomials, branch-free so that the loops around
// them become vector code, with the special values of C99 Annex F. No library calls. Nothing may
// contract multiply-adds here (-ffp-contract=off): results are the same bits on every CPU.
// Coefficients: Chebyshev fits in high precision, see test/coefficients.py.
#ifndef FPGARRAY_MATHS_H
#define FPGARRAY_MATHS_H

#include "rounding.h"
#include "exponential.h"
#include "logarithm.h"
#if FPGARRAY_TRIGONOMETRY
#include "periodic.h"
#include "far_reduction.h"
#include "inverse.h"
#endif
#if FPGARRAY_HYPERBOLIC
#include "hyperbolic.h"
#endif
#if FPGARRAY_POWERS
#include "power.h"
#endif
#if FPGARRAY_DIVISIONS
#include "division.h"
#endif

#endif
