/* Checks of messages, requests and datatypes. */
#include "check.h"

void check_point_to_point(MPI_Comm comm) {
  int me, count, right, left, out[50], in[50], n;
  MPI_Status status;
  MPI_Comm_rank(comm, &me);
  MPI_Comm_size(comm, &count);
  right = (me + 1) % count;
  left = (me + count - 1) % count;
  for (n = 0; n < 50; n++) out[n] = value(me, right, n);
  memset(in, 0, sizeof in);
  MPI_Sendrecv(out, 50, MPI_INT, right, 5, in, 50, MPI_INT, left, 5, comm, &status);
  for (n = 0; n < 50; n++) CHECK(in[n] == value(left, me, n));
  CHECK(status.MPI_SOURCE == left && status.MPI_TAG == 5);
  MPI_Get_count(&status, MPI_INT, &n);
  CHECK(n == 50);
  MPI_Get_count(&status, MPI_DOUBLE, &n);
  CHECK(n == 25);
  MPI_Sendrecv_replace(out, 50, MPI_INT, right, 6, left, 6, comm, &status);
  for (n = 0; n < 50; n++) CHECK(out[n] == value(left, me, n));
  MPI_Send(out, 3, MPI_INT, MPI_PROC_NULL, 1, comm);
  MPI_Recv(in, 50, MPI_INT, MPI_PROC_NULL, 1, comm, &status);
  MPI_Get_count(&status, MPI_INT, &n);
  CHECK(status.MPI_SOURCE == MPI_PROC_NULL && status.MPI_TAG == MPI_ANY_TAG && n == 0);
}

/* Messages of one sender are received in the order they were sent, each tag by itself as well. */
void check_order(void) {
  enum { MESSAGES = 40 };
  int i, from, next[64] = {0};
  MPI_Request sends[MESSAGES];
  if (size > 64) return;
  for (i = 0; i < MESSAGES; i++) {
    int *data = malloc(sizeof *data);
    *data = i;
    MPI_Isend(data, 1, MPI_INT, (rank + 1) % size, i % 3, MPI_COMM_WORLD, &sends[i]);
    MPI_Wait(&sends[i], MPI_STATUS_IGNORE);
    *data = -1; /* what was sent must have been copied */
    free(data);
  }
  from = (rank + size - 1) % size;
  for (i = 1; i < MESSAGES; i += 3) { /* tag 1 first, which others have overtaken */
    int data = -1;
    MPI_Recv(&data, 1, MPI_INT, from, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    CHECK(data == i);
  }
  for (i = 0; i < MESSAGES; i++) {
    MPI_Status status;
    int data = -1;
    if (i % 3 == 1) continue;
    MPI_Recv(&data, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
    CHECK(data == i && status.MPI_TAG == i % 3 && status.MPI_SOURCE == from);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  if (rank == 0) { /* from all at once, in any order between them */
    for (i = 0; i < 10 * (size - 1); i++) {
      MPI_Status status;
      int data;
      MPI_Recv(&data, 1, MPI_INT, MPI_ANY_SOURCE, 9, MPI_COMM_WORLD, &status);
      CHECK(data == next[status.MPI_SOURCE]++);
    }
  } else {
    for (i = 0; i < 10; i++) MPI_Send(&i, 1, MPI_INT, 0, 9, MPI_COMM_WORLD);
  }
}

void check_synchronous(void) {
  int flag = 1, data = 5, got = 0, other = size - 1 - rank;
  MPI_Request request;
  if (size % 2 == 1 && other == rank) return;
  if (rank < other) {
    MPI_Issend(&data, 1, MPI_INT, other, 3, MPI_COMM_WORLD, &request);
    MPI_Test(&request, &flag, MPI_STATUS_IGNORE);
    CHECK(!flag); /* the other waits for what comes next before it receives */
    MPI_Send(&data, 1, MPI_INT, other, 4, MPI_COMM_WORLD);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    MPI_Ssend(&data, 1, MPI_INT, other, 5, MPI_COMM_WORLD);
  } else {
    MPI_Recv(&got, 1, MPI_INT, other, 4, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Recv(&got, 1, MPI_INT, other, 3, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Recv(&got, 1, MPI_INT, other, 5, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    CHECK(got == 5);
  }
}

void check_requests(void) {
  int i, done, count, index, flag, in[8], out[8], indices[8], right = (rank + 1) % size,
      left = (rank + size - 1) % size, seen = 0;
  MPI_Request requests[8], sends[8];
  MPI_Status statuses[8], status;
  for (i = 0; i < 8; i++) {
    in[i] = -1;
    out[i] = value(rank, right, i);
    MPI_Irecv(&in[i], 1, MPI_INT, left, 20 + i, MPI_COMM_WORLD, &requests[i]);
  }
  for (i = 7; i >= 0; i--) {
    MPI_Isend(&out[i], 1, MPI_INT, right, 20 + i, MPI_COMM_WORLD, &sends[i]);
  }
  MPI_Waitany(8, requests, &index, &status);
  CHECK(index >= 0 && status.MPI_TAG == 20 + index && requests[index] == MPI_REQUEST_NULL);
  seen |= 1 << index;
  MPI_Waitsome(8, requests, &count, indices, statuses);
  CHECK(count >= 1);
  for (i = 0; i < count; i++) {
    CHECK(statuses[i].MPI_TAG == 20 + indices[i]);
    seen |= 1 << indices[i];
  }
  for (done = 0; !done;) {
    MPI_Testany(8, requests, &index, &flag, &status);
    if (flag && index != MPI_UNDEFINED) seen |= 1 << index;
    done = flag && index == MPI_UNDEFINED;
  }
  CHECK(seen == 255);
  for (i = 0; i < 8; i++) CHECK(in[i] == value(left, rank, i));
  MPI_Waitall(8, sends, MPI_STATUSES_IGNORE);
  MPI_Waitany(8, requests, &index, &status);
  CHECK(index == MPI_UNDEFINED);

  for (i = 0; i < 4; i++) { /* persistent */
    MPI_Send_init(&out[i], 1, MPI_INT, right, 40 + i, MPI_COMM_WORLD, &sends[i]);
    MPI_Recv_init(&in[i], 1, MPI_INT, left, 40 + i, MPI_COMM_WORLD, &sends[4 + i]);
  }
  for (done = 0; done < 3; done++) {
    for (i = 0; i < 4; i++) out[i] = value(rank, right, i + done);
    MPI_Startall(8, sends);
    MPI_Waitall(8, sends, statuses);
    for (i = 0; i < 4; i++) CHECK(in[i] == value(left, rank, i + done));
    CHECK(sends[0] != MPI_REQUEST_NULL && statuses[5].MPI_TAG == 41);
  }
  for (i = 0; i < 8; i++) MPI_Request_free(&sends[i]);

  MPI_Irecv(in, 1, MPI_INT, left, 77, MPI_COMM_WORLD, &requests[0]);
  MPI_Cancel(&requests[0]);
  MPI_Wait(&requests[0], &status);
  MPI_Test_cancelled(&status, &flag);
  CHECK(flag);
}

void check_probe(void) {
  int i, flag = 0, n, right = (rank + 1) % size, left = (rank + size - 1) % size;
  MPI_Status status;
  MPI_Message message;
  char text[100] = "probe", got[100];
  MPI_Iprobe(MPI_ANY_SOURCE, 30, MPI_COMM_WORLD, &flag, &status); /* which nobody sends */
  CHECK(!flag);
  MPI_Send(text, 6 + rank, MPI_CHAR, right, 31, MPI_COMM_WORLD);
  MPI_Probe(MPI_ANY_SOURCE, 31, MPI_COMM_WORLD, &status);
  MPI_Get_count(&status, MPI_CHAR, &n);
  CHECK(status.MPI_SOURCE == left && n == 6 + left);
  MPI_Recv(got, n, MPI_CHAR, left, 31, MPI_COMM_WORLD, &status);
  CHECK(strcmp(got, "probe") == 0);
  for (i = 0; i < 2; i++) MPI_Send(&i, 1, MPI_INT, right, 32, MPI_COMM_WORLD);
  MPI_Mprobe(left, 32, MPI_COMM_WORLD, &message, &status);
  MPI_Recv(&n, 1, MPI_INT, left, 32, MPI_COMM_WORLD, &status);
  CHECK(n == 1);
  MPI_Mrecv(&n, 1, MPI_INT, &message, &status);
  CHECK(n == 0 && message == MPI_MESSAGE_NULL && status.MPI_SOURCE == left);
}

void check_large(void) {
  int n = 700 * 1000, i, bad = 0, right = (rank + 1) % size, left = (rank + size - 1) % size;
  int *out = malloc(n * sizeof *out), *in = malloc(n * sizeof *in);
  for (i = 0; i < n; i++) out[i] = value(rank, 0, i);
  MPI_Sendrecv(out, n, MPI_INT, right, 1, in, n, MPI_INT, left, 1, MPI_COMM_WORLD,
               MPI_STATUS_IGNORE);
  for (i = 0; i < n; i++) bad += in[i] != value(left, 0, i);
  CHECK(bad == 0);
  free(out);
  free(in);
}

void check_datatypes(void) {
  int matrix[6][5], got[6], i, n, position = 0, right = (rank + 1) % size,
      left = (rank + size - 1) % size;
  char packed[64];
  MPI_Datatype column, resized, record, part;
  MPI_Aint lower, extent;
  MPI_Status status;
  struct record {
    char letter;
    double number;
    short three[3];
  } out[2] = {{'a' + rank % 20, rank + 0.5, {1, 2, rank}}, {'z', -1, {4, 5, 6}}}, in[2];
  int lengths[3] = {1, 1, 3};
  MPI_Aint places[3] = {offsetof(struct record, letter), offsetof(struct record, number),
                        offsetof(struct record, three)};
  MPI_Datatype types[3] = {MPI_CHAR, MPI_DOUBLE, MPI_SHORT};

  for (i = 0; i < 30; i++) matrix[i / 5][i % 5] = value(rank, i / 5, i % 5);
  MPI_Type_vector(6, 1, 5, MPI_INT, &column);
  MPI_Type_commit(&column);
  MPI_Type_size(column, &n);
  MPI_Type_get_extent(column, &lower, &extent);
  CHECK(n == 24 && lower == 0 && extent == 26 * 4);
  MPI_Sendrecv(&matrix[0][2], 1, column, right, 1, got, 6, MPI_INT, left, 1, MPI_COMM_WORLD,
               &status);
  for (i = 0; i < 6; i++) CHECK(got[i] == value(left, i, 2));
  MPI_Get_count(&status, MPI_INT, &n);
  CHECK(n == 6);
  MPI_Type_create_resized(column, 0, sizeof(int), &resized);
  MPI_Type_commit(&resized);
  MPI_Sendrecv_replace(matrix, 5, resized, right, 2, left, 2, MPI_COMM_WORLD, &status);
  for (i = 0; i < 30; i++) CHECK(matrix[i / 5][i % 5] == value(left, i / 5, i % 5));
  MPI_Get_count(&status, resized, &n);
  CHECK(n == 5);

  MPI_Type_create_struct(3, lengths, places, types, &record);
  MPI_Type_commit(&record);
  MPI_Type_get_extent(record, &lower, &extent);
  CHECK(extent == sizeof(struct record));
  MPI_Type_size(record, &n);
  CHECK(n == 15);
  memset(in, 0, sizeof in);
  MPI_Sendrecv(out, 2, record, right, 3, in, 2, record, left, 3, MPI_COMM_WORLD, &status);
  CHECK(in[0].letter == 'a' + left % 20 && in[0].number == left + 0.5 && in[0].three[2] == left);
  CHECK(in[1].letter == 'z' && in[1].number == -1 && in[1].three[1] == 5);
  MPI_Get_elements(&status, record, &n);
  CHECK(n == 10);

  MPI_Type_create_subarray(2, (int[]){6, 5}, (int[]){2, 3}, (int[]){3, 1}, MPI_ORDER_C, MPI_INT,
                           &part);
  MPI_Type_commit(&part);
  MPI_Pack(matrix, 1, part, packed, sizeof packed, &position, MPI_COMM_WORLD);
  CHECK(position == 24);
  position = 0;
  MPI_Unpack(packed, sizeof packed, &position, got, 6, MPI_INT, MPI_COMM_WORLD);
  for (i = 0; i < 6; i++) CHECK(got[i] == value(left, 3 + i / 3, 1 + i % 3));
  MPI_Type_free(&column);
  MPI_Type_free(&resized);
  MPI_Type_free(&record);
  MPI_Type_free(&part);
  CHECK(part == MPI_DATATYPE_NULL);
}
