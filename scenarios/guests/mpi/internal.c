/* Messages between the processes of a communicator, for collective calls: in a context of their
 * own, so that they match no receive of the program. */
#include "mpi_internal.h"

void mpi_send(MPI_Comm comm, const void *buffer, int count, MPI_Datatype datatype, int to,
              int tag) {
  mpi_message_send(comm->group->world[to], comm->context + 1, tag, buffer, count, datatype, 0);
}

int mpi_receive(MPI_Comm comm, void *buffer, int count, MPI_Datatype datatype, int from, int tag) {
  struct mpi_request request = {
      .kind = REQUEST_RECEIVE, .buffer = buffer, .count = count, .datatype = datatype,
      .comm = comm, .peer = from, .tag = tag, .world = comm->group->world[from],
      .context = comm->context + 1};
  mpi_request_start(&request);
  mpi_request_wait(&request);
  return request.status.MPI_ERROR;
}
