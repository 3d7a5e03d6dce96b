// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cblas.h>

/// LAPACK dsyevd: eigenvalues, ascending, and with jobz = 'V' eigenvectors of a real symmetric matrix.
extern void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda,
                    double *w, double *work, const int *lwork, int *iwork, const int *liwork,
                    int *info);

/// LAPACK dgesdd: singular value decomposition of a real matrix.
extern void dgesdd_(const char *jobz, const int *m, const int *n, double *a, const int *lda,
                    double *s, double *u, const int *ldu, double *vt, const int *ldvt,
                    double *work, const int *lwork, int *iwork, int *info);

/// LAPACK dposv: solves A X = B with a symmetric positive definite A, which becomes its Cholesky factor.
extern void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda,
                   double *b, const int *ldb, int *info);
