#pragma once
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

/* GSL keeps its generator types in mutable globals, which Swift 6 does not let a program read. */
static inline const gsl_rng_type *cgsl_mt19937(void) { return gsl_rng_mt19937; }
