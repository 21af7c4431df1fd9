/* The calls of the Message Passing Interface; mpi.h includes this. */
#ifndef MPI_CALLS_H
#define MPI_CALLS_H

#include "mpi.h"

/* The environment. */
int MPI_Init(int *argc, char ***argv);
int MPI_Init_thread(int *argc, char ***argv, int required, int *provided);
int MPI_Initialized(int *flag);
int MPI_Finalize(void);
int MPI_Finalized(int *flag);
int MPI_Query_thread(int *provided);
int MPI_Is_thread_main(int *flag);
int MPI_Abort(MPI_Comm comm, int code);
double MPI_Wtime(void);
double MPI_Wtick(void);
int MPI_Get_processor_name(char *name, int *length);
int MPI_Get_version(int *version, int *subversion);
int MPI_Get_library_version(char *version, int *length);
int MPI_Pcontrol(int level, ...);
int MPI_Alloc_mem(MPI_Aint size, MPI_Info info, void *base);
int MPI_Free_mem(void *base);

/* Errors. */
int MPI_Error_string(int code, char *text, int *length);
int MPI_Error_class(int code, int *class_of_it);
int MPI_Comm_create_errhandler(MPI_Comm_errhandler_function *function, MPI_Errhandler *handler);
int MPI_Comm_set_errhandler(MPI_Comm comm, MPI_Errhandler handler);
int MPI_Comm_get_errhandler(MPI_Comm comm, MPI_Errhandler *handler);
int MPI_Comm_call_errhandler(MPI_Comm comm, int code);
int MPI_Errhandler_create(MPI_Comm_errhandler_function *function, MPI_Errhandler *handler);
int MPI_Errhandler_set(MPI_Comm comm, MPI_Errhandler handler);
int MPI_Errhandler_get(MPI_Comm comm, MPI_Errhandler *handler);
int MPI_Errhandler_free(MPI_Errhandler *handler);

/* Messages from one process to another. */
#define MPI_SEND_ARGUMENTS \
  const void *buffer, int count, MPI_Datatype datatype, int destination, int tag, MPI_Comm comm
#define MPI_RECEIVE_ARGUMENTS \
  void *buffer, int count, MPI_Datatype datatype, int source, int tag, MPI_Comm comm
int MPI_Send(MPI_SEND_ARGUMENTS);
int MPI_Bsend(MPI_SEND_ARGUMENTS);
int MPI_Rsend(MPI_SEND_ARGUMENTS);
int MPI_Ssend(MPI_SEND_ARGUMENTS);
int MPI_Isend(MPI_SEND_ARGUMENTS, MPI_Request *request);
int MPI_Ibsend(MPI_SEND_ARGUMENTS, MPI_Request *request);
int MPI_Irsend(MPI_SEND_ARGUMENTS, MPI_Request *request);
int MPI_Issend(MPI_SEND_ARGUMENTS, MPI_Request *request);
int MPI_Send_init(MPI_SEND_ARGUMENTS, MPI_Request *request);
int MPI_Bsend_init(MPI_SEND_ARGUMENTS, MPI_Request *request);
int MPI_Rsend_init(MPI_SEND_ARGUMENTS, MPI_Request *request);
int MPI_Ssend_init(MPI_SEND_ARGUMENTS, MPI_Request *request);
int MPI_Recv(MPI_RECEIVE_ARGUMENTS, MPI_Status *status);
int MPI_Irecv(MPI_RECEIVE_ARGUMENTS, MPI_Request *request);
int MPI_Recv_init(MPI_RECEIVE_ARGUMENTS, MPI_Request *request);
int MPI_Sendrecv(const void *out, int out_count, MPI_Datatype out_type, int destination,
                 int out_tag, void *in, int in_count, MPI_Datatype in_type, int source, int in_tag,
                 MPI_Comm comm, MPI_Status *status);
int MPI_Sendrecv_replace(void *buffer, int count, MPI_Datatype datatype, int destination,
                         int out_tag, int source, int in_tag, MPI_Comm comm, MPI_Status *status);
int MPI_Buffer_attach(void *buffer, int size);
int MPI_Buffer_detach(void *buffer, int *size);
int MPI_Probe(int source, int tag, MPI_Comm comm, MPI_Status *status);
int MPI_Iprobe(int source, int tag, MPI_Comm comm, int *flag, MPI_Status *status);
int MPI_Mprobe(int source, int tag, MPI_Comm comm, MPI_Message *message, MPI_Status *status);
int MPI_Improbe(int source, int tag, MPI_Comm comm, int *flag, MPI_Message *message,
                MPI_Status *status);
int MPI_Mrecv(void *buffer, int count, MPI_Datatype datatype, MPI_Message *message,
              MPI_Status *status);
int MPI_Imrecv(void *buffer, int count, MPI_Datatype datatype, MPI_Message *message,
               MPI_Request *request);

/* Requests. */
int MPI_Wait(MPI_Request *request, MPI_Status *status);
int MPI_Waitall(int count, MPI_Request requests[], MPI_Status statuses[]);
int MPI_Waitany(int count, MPI_Request requests[], int *index, MPI_Status *status);
int MPI_Waitsome(int count, MPI_Request requests[], int *done, int indices[],
                 MPI_Status statuses[]);
int MPI_Test(MPI_Request *request, int *flag, MPI_Status *status);
int MPI_Testall(int count, MPI_Request requests[], int *flag, MPI_Status statuses[]);
int MPI_Testany(int count, MPI_Request requests[], int *index, int *flag, MPI_Status *status);
int MPI_Testsome(int count, MPI_Request requests[], int *done, int indices[],
                 MPI_Status statuses[]);
int MPI_Start(MPI_Request *request);
int MPI_Startall(int count, MPI_Request requests[]);
int MPI_Request_free(MPI_Request *request);
int MPI_Request_get_status(MPI_Request request, int *flag, MPI_Status *status);
int MPI_Cancel(MPI_Request *request);
int MPI_Test_cancelled(const MPI_Status *status, int *flag);
int MPI_Get_count(const MPI_Status *status, MPI_Datatype datatype, int *count);
int MPI_Get_elements(const MPI_Status *status, MPI_Datatype datatype, int *count);
int MPI_Get_elements_x(const MPI_Status *status, MPI_Datatype datatype, MPI_Count *count);
int MPI_Status_set_elements(MPI_Status *status, MPI_Datatype datatype, int count);
int MPI_Status_set_cancelled(MPI_Status *status, int flag);

/* Collective calls. */
int MPI_Barrier(MPI_Comm comm);
int MPI_Bcast(void *buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm);
int MPI_Reduce(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op, int root,
               MPI_Comm comm);
int MPI_Allreduce(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op,
                  MPI_Comm comm);
int MPI_Reduce_scatter(const void *out, void *in, const int counts[], MPI_Datatype datatype,
                       MPI_Op op, MPI_Comm comm);
int MPI_Reduce_scatter_block(const void *out, void *in, int count, MPI_Datatype datatype,
                             MPI_Op op, MPI_Comm comm);
int MPI_Reduce_local(const void *in, void *inout, int count, MPI_Datatype datatype, MPI_Op op);
int MPI_Scan(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op,
             MPI_Comm comm);
int MPI_Exscan(const void *out, void *in, int count, MPI_Datatype datatype, MPI_Op op,
               MPI_Comm comm);
int MPI_Gather(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
               MPI_Datatype in_type, int root, MPI_Comm comm);
int MPI_Gatherv(const void *out, int out_count, MPI_Datatype out_type, void *in,
                const int counts[], const int places[], MPI_Datatype in_type, int root,
                MPI_Comm comm);
int MPI_Scatter(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                MPI_Datatype in_type, int root, MPI_Comm comm);
int MPI_Scatterv(const void *out, const int counts[], const int places[], MPI_Datatype out_type,
                 void *in, int in_count, MPI_Datatype in_type, int root, MPI_Comm comm);
int MPI_Allgather(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                  MPI_Datatype in_type, MPI_Comm comm);
int MPI_Allgatherv(const void *out, int out_count, MPI_Datatype out_type, void *in,
                   const int counts[], const int places[], MPI_Datatype in_type, MPI_Comm comm);
int MPI_Alltoall(const void *out, int out_count, MPI_Datatype out_type, void *in, int in_count,
                 MPI_Datatype in_type, MPI_Comm comm);
int MPI_Alltoallv(const void *out, const int out_counts[], const int out_places[],
                  MPI_Datatype out_type, void *in, const int in_counts[], const int in_places[],
                  MPI_Datatype in_type, MPI_Comm comm);
int MPI_Alltoallw(const void *out, const int out_counts[], const int out_places[],
                  const MPI_Datatype out_types[], void *in, const int in_counts[],
                  const int in_places[], const MPI_Datatype in_types[], MPI_Comm comm);

/* Operators. */
int MPI_Op_create(MPI_User_function *function, int commutes, MPI_Op *op);
int MPI_Op_free(MPI_Op *op);
int MPI_Op_commutative(MPI_Op op, int *commutes);

/* Datatypes. */
int MPI_Type_contiguous(int count, MPI_Datatype old, MPI_Datatype *new_type);
int MPI_Type_vector(int count, int length, int stride, MPI_Datatype old, MPI_Datatype *new_type);
int MPI_Type_hvector(int count, int length, MPI_Aint stride, MPI_Datatype old,
                     MPI_Datatype *new_type);
int MPI_Type_create_hvector(int count, int length, MPI_Aint stride, MPI_Datatype old,
                            MPI_Datatype *new_type);
int MPI_Type_indexed(int count, const int lengths[], const int places[], MPI_Datatype old,
                     MPI_Datatype *new_type);
int MPI_Type_hindexed(int count, int lengths[], MPI_Aint places[], MPI_Datatype old,
                      MPI_Datatype *new_type);
int MPI_Type_create_hindexed(int count, const int lengths[], const MPI_Aint places[],
                             MPI_Datatype old, MPI_Datatype *new_type);
int MPI_Type_create_indexed_block(int count, int length, const int places[], MPI_Datatype old,
                                  MPI_Datatype *new_type);
int MPI_Type_create_hindexed_block(int count, int length, const MPI_Aint places[],
                                   MPI_Datatype old, MPI_Datatype *new_type);
int MPI_Type_struct(int count, int lengths[], MPI_Aint places[], MPI_Datatype types[],
                    MPI_Datatype *new_type);
int MPI_Type_create_struct(int count, const int lengths[], const MPI_Aint places[],
                           const MPI_Datatype types[], MPI_Datatype *new_type);
int MPI_Type_create_subarray(int dimensions, const int sizes[], const int part[],
                             const int starts[], int order, MPI_Datatype old,
                             MPI_Datatype *new_type);
int MPI_Type_create_resized(MPI_Datatype old, MPI_Aint lower, MPI_Aint extent,
                            MPI_Datatype *new_type);
int MPI_Type_dup(MPI_Datatype old, MPI_Datatype *new_type);
int MPI_Type_commit(MPI_Datatype *datatype);
int MPI_Type_free(MPI_Datatype *datatype);
int MPI_Type_size(MPI_Datatype datatype, int *size);
int MPI_Type_size_x(MPI_Datatype datatype, MPI_Count *size);
int MPI_Type_extent(MPI_Datatype datatype, MPI_Aint *extent);
int MPI_Type_lb(MPI_Datatype datatype, MPI_Aint *lower);
int MPI_Type_ub(MPI_Datatype datatype, MPI_Aint *upper);
int MPI_Type_get_extent(MPI_Datatype datatype, MPI_Aint *lower, MPI_Aint *extent);
int MPI_Type_get_extent_x(MPI_Datatype datatype, MPI_Count *lower, MPI_Count *extent);
int MPI_Type_get_true_extent(MPI_Datatype datatype, MPI_Aint *lower, MPI_Aint *extent);
int MPI_Type_get_name(MPI_Datatype datatype, char *name, int *length);
int MPI_Type_set_name(MPI_Datatype datatype, const char *name);
int MPI_Address(void *location, MPI_Aint *address);
int MPI_Get_address(const void *location, MPI_Aint *address);
MPI_Aint MPI_Aint_add(MPI_Aint base, MPI_Aint difference);
MPI_Aint MPI_Aint_diff(MPI_Aint one, MPI_Aint other);
int MPI_Pack(const void *in, int count, MPI_Datatype datatype, void *out, int size, int *position,
             MPI_Comm comm);
int MPI_Unpack(const void *in, int size, int *position, void *out, int count,
               MPI_Datatype datatype, MPI_Comm comm);
int MPI_Pack_size(int count, MPI_Datatype datatype, MPI_Comm comm, int *size);

/* Groups. */
int MPI_Group_size(MPI_Group group, int *size);
int MPI_Group_rank(MPI_Group group, int *rank);
int MPI_Group_translate_ranks(MPI_Group from, int count, const int ranks[], MPI_Group to,
                              int found[]);
int MPI_Group_compare(MPI_Group one, MPI_Group other, int *result);
int MPI_Group_union(MPI_Group one, MPI_Group other, MPI_Group *result);
int MPI_Group_intersection(MPI_Group one, MPI_Group other, MPI_Group *result);
int MPI_Group_difference(MPI_Group one, MPI_Group other, MPI_Group *result);
int MPI_Group_incl(MPI_Group group, int count, const int ranks[], MPI_Group *result);
int MPI_Group_excl(MPI_Group group, int count, const int ranks[], MPI_Group *result);
int MPI_Group_range_incl(MPI_Group group, int count, int ranges[][3], MPI_Group *result);
int MPI_Group_range_excl(MPI_Group group, int count, int ranges[][3], MPI_Group *result);
int MPI_Group_free(MPI_Group *group);

/* Communicators. */
int MPI_Comm_rank(MPI_Comm comm, int *rank);
int MPI_Comm_size(MPI_Comm comm, int *size);
int MPI_Comm_group(MPI_Comm comm, MPI_Group *group);
int MPI_Comm_compare(MPI_Comm one, MPI_Comm other, int *result);
int MPI_Comm_dup(MPI_Comm comm, MPI_Comm *new_comm);
int MPI_Comm_dup_with_info(MPI_Comm comm, MPI_Info info, MPI_Comm *new_comm);
int MPI_Comm_split(MPI_Comm comm, int colour, int key, MPI_Comm *new_comm);
int MPI_Comm_split_type(MPI_Comm comm, int kind, int key, MPI_Info info, MPI_Comm *new_comm);
int MPI_Comm_create(MPI_Comm comm, MPI_Group group, MPI_Comm *new_comm);
int MPI_Comm_create_group(MPI_Comm comm, MPI_Group group, int tag, MPI_Comm *new_comm);
int MPI_Comm_free(MPI_Comm *comm);
int MPI_Comm_disconnect(MPI_Comm *comm);
int MPI_Comm_test_inter(MPI_Comm comm, int *flag);
int MPI_Comm_set_name(MPI_Comm comm, const char *name);
int MPI_Comm_get_name(MPI_Comm comm, char *name, int *length);

/* Attributes. */
int MPI_Comm_create_keyval(MPI_Comm_copy_attr_function *copy, MPI_Comm_delete_attr_function *del,
                           int *key, void *extra);
int MPI_Comm_free_keyval(int *key);
int MPI_Comm_set_attr(MPI_Comm comm, int key, void *value);
int MPI_Comm_get_attr(MPI_Comm comm, int key, void *value, int *flag);
int MPI_Comm_delete_attr(MPI_Comm comm, int key);
int MPI_Keyval_create(MPI_Copy_function *copy, MPI_Delete_function *del, int *key, void *extra);
int MPI_Keyval_free(int *key);
int MPI_Attr_put(MPI_Comm comm, int key, void *value);
int MPI_Attr_get(MPI_Comm comm, int key, void *value, int *flag);
int MPI_Attr_delete(MPI_Comm comm, int key);
#define MPI_NULL_COPY_FN ((MPI_Copy_function *)0)
#define MPI_NULL_DELETE_FN ((MPI_Delete_function *)0)
#define MPI_COMM_NULL_COPY_FN ((MPI_Comm_copy_attr_function *)0)
#define MPI_COMM_NULL_DELETE_FN ((MPI_Comm_delete_attr_function *)0)
#define MPI_DUP_FN mpi_copy_attribute
#define MPI_COMM_DUP_FN mpi_copy_attribute
int mpi_copy_attribute(MPI_Comm comm, int key, void *extra, void *value, void *copy, int *flag);

/* Topologies: grids. */
int MPI_Dims_create(int size, int count, int dimensions[]);
int MPI_Cart_create(MPI_Comm comm, int count, const int dimensions[], const int periods[],
                    int reorder, MPI_Comm *grid);
int MPI_Cart_rank(MPI_Comm grid, const int coordinates[], int *rank);
int MPI_Cart_coords(MPI_Comm grid, int rank, int count, int coordinates[]);
int MPI_Cart_shift(MPI_Comm grid, int direction, int distance, int *source, int *destination);
int MPI_Cart_get(MPI_Comm grid, int count, int dimensions[], int periods[], int coordinates[]);
int MPI_Cart_sub(MPI_Comm grid, const int remain[], MPI_Comm *part);
int MPI_Cart_map(MPI_Comm comm, int count, const int dimensions[], const int periods[], int *rank);
int MPI_Cartdim_get(MPI_Comm grid, int *count);
int MPI_Topo_test(MPI_Comm comm, int *kind);

#endif
