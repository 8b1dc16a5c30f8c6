#ifndef PARLEY_CPOSTGRES_H
#define PARLEY_CPOSTGRES_H

#include <postgresql/libpq-fe.h>

/// The calls of libpq that a desk needs. The library is loaded when a desk is opened that wants it, and not with the
/// program: every client would pay for it and the twenty libraries it brings along. The types are the header's own.
#define CPOSTGRES_CALLS(CALL) \
    CALL(PQconnectStartParams) CALL(PQconnectPoll) CALL(PQsetErrorVerbosity) CALL(PQfinish) CALL(PQstatus) CALL(PQerrorMessage) CALL(PQsocket) \
    CALL(PQconnectionNeedsPassword) \
    CALL(PQparameterStatus) CALL(PQsendQuery) CALL(PQsendPrepare) CALL(PQsendQueryPrepared) CALL(PQisBusy) \
    CALL(PQconsumeInput) CALL(PQgetResult) CALL(PQresultStatus) CALL(PQresultErrorField) CALL(PQcmdTuples) \
    CALL(PQntuples) CALL(PQftype) CALL(PQgetvalue) CALL(PQgetlength) CALL(PQgetisnull) CALL(PQclear) \
    CALL(PQnotifies) CALL(PQfreemem)

typedef struct CPostgres {
#define CPOSTGRES_FIELD(name) __typeof__(name) *_Nonnull name;
    CPOSTGRES_CALLS(CPOSTGRES_FIELD)
#undef CPOSTGRES_FIELD
} CPostgres;

/// Loads libpq, once. NULL where it is not there or lacks a call, with the reason in `reason`; it stays valid.
const CPostgres *_Nullable cpostgres_load(const char *_Nullable *_Nonnull reason);

#endif
