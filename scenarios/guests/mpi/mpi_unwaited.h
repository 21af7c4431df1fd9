/* Collective calls that do not wait, and infos; mpi.h includes this. */
#ifndef MPI_UNWAITED_H
#define MPI_UNWAITED_H

#include "mpi.h"

/* All processes of a communicator begin these in the same order. */
int MPI_Ibarrier(MPI_Comm comm, MPI_Request *request);
int MPI_Ibcast(void *buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm,
               MPI_Request *request);
int MPI_Ireduce(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op, int root,
                MPI_Comm comm, MPI_Request *request);
int MPI_Iallreduce(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op,
                   MPI_Comm comm, MPI_Request *request);
int MPI_Ireduce_scatter(const void *out, void *in, const int counts[], MPI_Datatype datatype,
                        MPI_Op op, MPI_Comm comm, MPI_Request *request);
int MPI_Ireduce_scatter_block(const void *out, void *in, int count, MPI_Datatype datatype,
                              MPI_Op op, MPI_Comm comm, MPI_Request *request);
int MPI_Iscan(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op,
              MPI_Comm comm, MPI_Request *request);
int MPI_Iexscan(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op,
                MPI_Comm comm, MPI_Request *request);
int MPI_Igather(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                MPI_Datatype in_type, int root, MPI_Comm comm, MPI_Request *request);
int MPI_Igatherv(const void *out, int out_count, MPI_Datatype out_type, void *in,
                 const int counts[], const int places[], MPI_Datatype in_type, int root,
                 MPI_Comm comm, MPI_Request *request);
int MPI_Iscatter(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                 MPI_Datatype in_type, int root, MPI_Comm comm, MPI_Request *request);
int MPI_Iscatterv(const void *out, const int counts[], const int places[], MPI_Datatype out_type,
                  void *in, int in_count, MPI_Datatype in_type, int root, MPI_Comm comm,
                  MPI_Request *request);
int MPI_Iallgather(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                   MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request);
int MPI_Iallgatherv(const void *out, int out_count, MPI_Datatype out_type, void *in,
                    const int counts[], const int places[], MPI_Datatype in_type, MPI_Comm comm,
                    MPI_Request *request);
int MPI_Ialltoall(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                  MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request);
int MPI_Ialltoallv(const void *out, const int out_counts[], const int out_places[],
                   MPI_Datatype out_type, void *in, const int in_counts[], const int in_places[],
                   MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request);
int MPI_Ialltoallw(const void *out, const int out_counts[], const int out_places[],
                   const MPI_Datatype out_types[], void *in, const int in_counts[],
                   const int in_places[], const MPI_Datatype in_types[], MPI_Comm comm,
                   MPI_Request *request);

/* Infos. */
int MPI_Info_create(MPI_Info *info);
int MPI_Info_set(MPI_Info info, const char *key, const char *value);
int MPI_Info_get(MPI_Info info, const char *key, int room, char *value, int *flag);
int MPI_Info_get_valuelen(MPI_Info info, const char *key, int *length, int *flag);
int MPI_Info_delete(MPI_Info info, const char *key);
int MPI_Info_get_nkeys(MPI_Info info, int *count);
int MPI_Info_get_nthkey(MPI_Info info, int n, char *key);
int MPI_Info_dup(MPI_Info info, MPI_Info *copy);
int MPI_Info_free(MPI_Info *info);

#endif
