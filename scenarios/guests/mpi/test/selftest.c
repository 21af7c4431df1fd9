/* Checks the MPI library from within: every process computes what each call must give by other
 * means and compares. Prints a line of what failed, and `selftest: rank r of n passed` or exits 1.
 * Runs with any number of processes, and whatever the order in which messages arrive. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank, size, failures;

#define CHECK(condition) \
  do { \
    if (!(condition)) { \
      failures++; \
      printf("selftest: rank %d of %d, line %d: %s does not hold\n", rank, size, __LINE__, \
             #condition); \
    } \
  } while (0)

/* What process `from` sends to `to` as element i of something. */
static int value(int from, int to, int i) { return from * 10007 + to * 101 + i * 7 + 3; }

static void check_point_to_point(MPI_Comm comm) {
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
static void check_order(void) {
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

static void check_synchronous(void) {
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

static void check_requests(void) {
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

static void check_probe(void) {
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

static void check_large(void) {
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

/* Composition of affine maps x -> a x + b modulo 2^32: associative, and does not commute. */
static void compose(void *in, void *inout, int *count, MPI_Datatype *type) {
  unsigned *f = in, *g = inout;
  (void)type;
  for (int i = 0; i < *count; i++, f += 2, g += 2) {
    unsigned a = f[0] * g[0], b = f[1] * g[0] + g[1];
    g[0] = a;
    g[1] = b;
  }
}

static void map_of(int from, int i, unsigned *map) {
  map[0] = 2 * from + 3 + i;
  map[1] = 5 * from + 1 + i;
}

/* The maps of the ranks from first up to last, last excluded, in order. */
static void composed(int first, int last, int i, unsigned *map) {
  map_of(first, i, map);
  for (int r = first + 1; r < last; r++) {
    unsigned next[2];
    int one = 1;
    map_of(r, i, next);
    compose(map, next, &one, 0);
    memcpy(map, next, sizeof next);
  }
}

static void check_order_of_operators(MPI_Comm comm, int me, int count) {
  enum { N = 5 };
  unsigned mine[2 * N], got[2 * N], wanted[2];
  MPI_Datatype pair;
  MPI_Op op;
  MPI_Type_contiguous(2, MPI_UNSIGNED, &pair);
  MPI_Type_commit(&pair);
  MPI_Op_create(compose, 0, &op);
  for (int root = 0; root < count; root++) {
    for (int i = 0; i < N; i++) map_of(me, i, mine + 2 * i);
    MPI_Reduce(mine, got, N, pair, op, root, comm);
    for (int i = 0; i < N && me == root; i++) {
      composed(0, count, i, wanted);
      CHECK(memcmp(got + 2 * i, wanted, sizeof wanted) == 0);
    }
  }
  MPI_Allreduce(mine, got, N, pair, op, comm);
  composed(0, count, 1, wanted);
  CHECK(memcmp(got + 2, wanted, sizeof wanted) == 0);
  MPI_Scan(mine, got, N, pair, op, comm);
  composed(0, me + 1, 2, wanted);
  CHECK(memcmp(got + 4, wanted, sizeof wanted) == 0);
  MPI_Exscan(mine, got, N, pair, op, comm);
  if (me > 0) {
    composed(0, me, 3, wanted);
    CHECK(memcmp(got + 6, wanted, sizeof wanted) == 0);
  }
  MPI_Op_free(&op);
  MPI_Type_free(&pair);
}

static void check_reductions(MPI_Comm comm, int me, int count) {
  int in[3], out[3] = {me + 1, -me, 1 << me % 30}, root, i, sum = 0;
  long long product = 1, all = 0, mine = me + 1;
  double real = 0.1 * me, total;
  struct {
    double value;
    int index;
  } place, best;
  struct {
    int value, index;
  } low = {7 - me % 2, me}, lowest;
  for (i = 0; i < count; i++) sum += i + 1, product *= i + 1;
  for (root = 0; root < count; root++) {
    MPI_Reduce(out, in, 3, MPI_INT, MPI_SUM, root, comm);
    if (me == root) CHECK(in[0] == sum && in[1] == count - sum);
  }
  if (me == count - 1) {
    memcpy(in, out, sizeof in);
    MPI_Reduce(MPI_IN_PLACE, in, 3, MPI_INT, MPI_MAX, me, comm);
    CHECK(in[0] == count && in[1] == 0);
  } else {
    MPI_Reduce(out, 0, 3, MPI_INT, MPI_MAX, count - 1, comm);
  }
  MPI_Allreduce(&mine, &all, 1, MPI_LONG_LONG, MPI_PROD, comm);
  CHECK(all == product);
  memcpy(in, out, sizeof in);
  MPI_Allreduce(MPI_IN_PLACE, in, 3, MPI_INT, MPI_BOR, comm);
  CHECK(in[2] == (count >= 30 ? (1 << 30) - 1 : (1 << count) - 1));
  MPI_Allreduce(&real, &total, 1, MPI_DOUBLE, MPI_MAX, comm);
  CHECK(total == 0.1 * (count - 1));
  place.value = (me * 3) % 5;
  place.index = me;
  MPI_Allreduce(&place, &best, 1, MPI_DOUBLE_INT, MPI_MAXLOC, comm);
  for (i = 0; i < count && (i * 3) % 5 != best.value; i++) continue;
  CHECK(best.index == i);
  for (i = 0; i < count; i++) CHECK((i * 3) % 5 <= best.value);
  MPI_Allreduce(&low, &lowest, 1, MPI_2INT, MPI_MINLOC, comm);
  CHECK(count == 1 ? lowest.index == 0 : lowest.value == 6 && lowest.index == 1);
  MPI_Scan(&mine, &all, 1, MPI_LONG_LONG, MPI_SUM, comm);
  CHECK(all == (me + 1) * (me + 2) / 2);
  all = mine;
  MPI_Exscan(MPI_IN_PLACE, &all, 1, MPI_LONG_LONG, MPI_SUM, comm);
  CHECK(all == (me == 0 ? 1 : me * (me + 1) / 2));
}

static void check_scattered_reductions(MPI_Comm comm, int me, int count) {
  int *counts = malloc(count * sizeof *counts), total = 0, before = 0;
  for (int i = 0; i < count; i++) {
    counts[i] = i % 3;
    if (i < me) before += counts[i];
    total += counts[i];
  }
  int *out = malloc((total + count + 1) * sizeof *out), in[3] = {-1, -1, -1};
  for (int i = 0; i < total; i++) out[i] = value(me, 0, i);
  MPI_Reduce_scatter(out, in, counts, MPI_INT, MPI_SUM, comm);
  for (int i = 0; i < counts[me]; i++) {
    int wanted = 0;
    for (int r = 0; r < count; r++) wanted += value(r, 0, before + i);
    CHECK(in[i] == wanted);
  }
  for (int i = 0; i < count; i++) out[i] = value(me, i, 0);
  MPI_Reduce_scatter_block(out, in, 1, MPI_INT, MPI_MAX, comm);
  CHECK(in[0] == value(count - 1, me, 0));
  free(counts);
  free(out);
}

/* Parts of `n` ints, gathered, scattered and exchanged, from and to every root. */
static void check_parts(MPI_Comm comm, int me, int count, int n) {
  int *one = malloc((n + 1) * sizeof *one), *all = malloc((n + 1) * count * sizeof *all),
      *other = malloc((n + 1) * count * sizeof *other);
  for (int root = 0; root < count; root++) {
    for (int i = 0; i < n; i++) one[i] = me == root ? value(root, 0, i) : -1;
    MPI_Bcast(one, n, MPI_INT, root, comm);
    for (int i = 0; i < n; i++) CHECK(one[i] == value(root, 0, i));
    for (int i = 0; i < n; i++) one[i] = value(me, root, i);
    memset(all, 255, n * count * sizeof *all);
    MPI_Gather(one, n, MPI_INT, all, n, MPI_INT, root, comm);
    for (int i = 0; i < n * count && me == root; i++) CHECK(all[i] == value(i / n, root, i % n));
    for (int i = 0; i < n * count; i++) all[i] = me == root ? value(root, i / n, i % n) : -1;
    memset(one, 255, n * sizeof *one);
    MPI_Scatter(all, n, MPI_INT, one, n, MPI_INT, root, comm);
    for (int i = 0; i < n; i++) CHECK(one[i] == value(root, me, i));
  }
  for (int i = 0; i < n; i++) one[i] = value(me, 1, i);
  MPI_Allgather(one, n, MPI_INT, all, n, MPI_INT, comm);
  for (int i = 0; i < n * count; i++) CHECK(all[i] == value(i / n, 1, i % n));
  memset(all, 255, n * count * sizeof *all);
  memcpy(all + n * me, one, n * sizeof *one);
  MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, n, MPI_INT, comm);
  for (int i = 0; i < n * count; i++) CHECK(all[i] == value(i / n, 1, i % n));
  for (int i = 0; i < n * count; i++) all[i] = value(me, i / n, i % n);
  MPI_Alltoall(all, n, MPI_INT, other, n, MPI_INT, comm);
  for (int i = 0; i < n * count; i++) CHECK(other[i] == value(i / n, me, i % n));
  MPI_Alltoall(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, n, MPI_INT, comm);
  for (int i = 0; i < n * count; i++) CHECK(all[i] == value(i / n, me, i % n));
  free(one);
  free(all);
  free(other);
}

/* Parts of different sizes with gaps: process i has i % 4 elements, at places of four. */
static void check_uneven_parts(MPI_Comm comm, int me, int count) {
  int *counts = malloc(count * sizeof *counts), *places = malloc(count * sizeof *places);
  int *out_counts = malloc(count * sizeof *counts), mine[4];
  int *all = malloc(4 * count * sizeof *all), *other = malloc(4 * count * sizeof *all);
  for (int i = 0; i < count; i++) counts[i] = i % 4, places[i] = 4 * i, out_counts[i] = me % 4;
  for (int root = 0; root < count; root++) {
    for (int i = 0; i < 4; i++) mine[i] = value(me, root, i);
    memset(all, 255, 4 * count * sizeof *all);
    MPI_Gatherv(mine, me % 4, MPI_INT, all, counts, places, MPI_INT, root, comm);
    for (int i = 0; i < 4 * count && me == root; i++) {
      CHECK(all[i] == (i % 4 < i / 4 % 4 ? value(i / 4, root, i % 4) : -1));
    }
    for (int i = 0; i < 4 * count; i++) all[i] = value(root, i / 4, i % 4);
    memset(mine, 255, sizeof mine);
    MPI_Scatterv(all, counts, places, MPI_INT, mine, me % 4, MPI_INT, root, comm);
    for (int i = 0; i < 4; i++) CHECK(mine[i] == (i < me % 4 ? value(root, me, i) : -1));
  }
  for (int i = 0; i < 4; i++) mine[i] = value(me, 2, i);
  memset(all, 255, 4 * count * sizeof *all);
  MPI_Allgatherv(mine, me % 4, MPI_INT, all, counts, places, MPI_INT, comm);
  for (int i = 0; i < 4 * count; i++) {
    CHECK(all[i] == (i % 4 < i / 4 % 4 ? value(i / 4, 2, i % 4) : -1));
  }
  for (int i = 0; i < 4 * count; i++) all[i] = value(me, i / 4, i % 4);
  memset(other, 255, 4 * count * sizeof *other);
  MPI_Alltoallv(all, out_counts, places, MPI_INT, other, counts, places, MPI_INT, comm);
  for (int i = 0; i < 4 * count; i++) {
    CHECK(other[i] == (i % 4 < i / 4 % 4 ? value(i / 4, me, i % 4) : -1));
  }
  free(counts);
  free(places);
  free(out_counts);
  free(all);
  free(other);
}

static void check_datatypes(void) {
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

/* Collective calls that do not wait, several under way at once, finished in another order. */
static void check_unwaited(MPI_Comm comm, int me, int count) {
  int sum = 0, shared[3] = {me == 0 ? 5 : 0}, all[64], from_all[64], to_all[64], mine = me + 1,
      scanned = 0, part = -1, flag = 0, wanted = 0;
  unsigned map[2], maps[2], expected[2];
  MPI_Request requests[7], barrier;
  MPI_Datatype pair;
  MPI_Op op;
  if (count > 64) return;
  for (int i = 0; i < count; i++) to_all[i] = value(me, i, 0), wanted += i + 1;
  MPI_Type_contiguous(2, MPI_UNSIGNED, &pair);
  MPI_Type_commit(&pair);
  MPI_Op_create(compose, 0, &op);
  map_of(me, 0, map);
  MPI_Ibcast(shared, 1, MPI_INT, 0, comm, &requests[0]);
  MPI_Iallreduce(&mine, &sum, 1, MPI_INT, MPI_SUM, comm, &requests[1]);
  MPI_Iallgather(&mine, 1, MPI_INT, all, 1, MPI_INT, comm, &requests[2]);
  MPI_Ialltoall(to_all, 1, MPI_INT, from_all, 1, MPI_INT, comm, &requests[3]);
  MPI_Ireduce(map, maps, 1, pair, op, count - 1, comm, &requests[4]);
  MPI_Iscan(&mine, &scanned, 1, MPI_INT, MPI_SUM, comm, &requests[5]);
  MPI_Iscatter(to_all, 1, MPI_INT, &part, 1, MPI_INT, count / 2, comm, &requests[6]);
  MPI_Wait(&requests[6], MPI_STATUS_IGNORE);
  CHECK(part == value(count / 2, me, 0));
  MPI_Waitall(6, requests, MPI_STATUSES_IGNORE);
  CHECK(shared[0] == 5 && sum == wanted && scanned == (me + 1) * (me + 2) / 2);
  for (int i = 0; i < count; i++) CHECK(all[i] == i + 1 && from_all[i] == value(i, me, 0));
  composed(0, count, 0, expected);
  CHECK(me != count - 1 || memcmp(maps, expected, sizeof maps) == 0);
  MPI_Type_free(&pair);
  MPI_Op_free(&op);
  /* Others are still served while a barrier is waited for. */
  if (me == 0 && count > 1) {
    MPI_Recv(&part, 1, MPI_INT, count - 1, 50, comm, MPI_STATUS_IGNORE);
  }
  MPI_Ibarrier(comm, &barrier);
  MPI_Test(&barrier, &flag, MPI_STATUS_IGNORE);
  CHECK(count == 1 || me != count - 1 || !flag);
  if (me == count - 1 && count > 1) MPI_Send(&me, 1, MPI_INT, 0, 50, comm);
  while (!flag) MPI_Test(&barrier, &flag, MPI_STATUS_IGNORE);
}

static void check_collectives(MPI_Comm comm) {
  int me, count;
  MPI_Comm_rank(comm, &me);
  MPI_Comm_size(comm, &count);
  MPI_Barrier(comm);
  check_reductions(comm, me, count);
  check_order_of_operators(comm, me, count);
  check_scattered_reductions(comm, me, count);
  check_parts(comm, me, count, 1);
  check_parts(comm, me, count, 13);
  check_uneven_parts(comm, me, count);
  check_unwaited(comm, me, count);
}

/* Messages of one communicator match receives of that one alone. */
static void check_communicators(void) {
  MPI_Comm copy, half, reversed, some, grid, line;
  MPI_Group group, part;
  int me, n, a = 1, b = 2, got = 0, right = (rank + 1) % size, left = (rank + size - 1) % size;
  MPI_Comm_dup(MPI_COMM_WORLD, &copy);
  MPI_Comm_compare(copy, MPI_COMM_WORLD, &n);
  CHECK(n == MPI_CONGRUENT);
  MPI_Send(&a, 1, MPI_INT, right, 8, MPI_COMM_WORLD);
  MPI_Send(&b, 1, MPI_INT, right, 8, copy);
  MPI_Recv(&got, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, copy, MPI_STATUS_IGNORE);
  CHECK(got == 2);
  check_collectives(copy); /* with a message under way that no collective call may take */
  MPI_Recv(&got, 1, MPI_INT, left, 8, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  CHECK(got == 1);

  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, -rank, &half);
  MPI_Comm_rank(half, &me);
  MPI_Comm_size(half, &n);
  CHECK(n == (rank % 2 == 0 ? (size + 1) / 2 : size / 2) && me == n - 1 - rank / 2);
  check_point_to_point(half);
  check_collectives(half);
  MPI_Comm_split(copy, 0, size - rank, &reversed);
  MPI_Comm_rank(reversed, &me);
  CHECK(me == size - 1 - rank);
  check_collectives(reversed);
  MPI_Comm_split(copy, rank == 0 ? MPI_UNDEFINED : 3, 0, &some);
  CHECK((some == MPI_COMM_NULL) == (rank == 0));
  if (some != MPI_COMM_NULL) {
    check_collectives(some);
    MPI_Comm_free(&some);
  }
  MPI_Comm_group(copy, &group);
  MPI_Group_excl(group, 1, (int[]){size - 1}, &part);
  MPI_Comm_create(copy, part, &some);
  CHECK((some == MPI_COMM_NULL) == (rank == size - 1));
  if (some != MPI_COMM_NULL) {
    MPI_Comm_size(some, &n);
    CHECK(n == size - 1);
    check_point_to_point(some);
    MPI_Comm_free(&some);
  }
  MPI_Group_free(&group);
  if (part != MPI_GROUP_EMPTY) MPI_Group_free(&part);

  int sides[2] = {0, 0}, at[2], up, down;
  MPI_Dims_create(size, 2, sides);
  CHECK(sides[0] * sides[1] == size && sides[0] >= sides[1]);
  MPI_Cart_create(MPI_COMM_WORLD, 2, sides, (int[]){1, 0}, 0, &grid);
  MPI_Cart_coords(grid, rank, 2, at);
  CHECK(at[0] == rank / sides[1] && at[1] == rank % sides[1]);
  MPI_Cart_shift(grid, 0, 1, &up, &down);
  CHECK(down == (at[0] + 1) % sides[0] * sides[1] + at[1]);
  MPI_Sendrecv(&rank, 1, MPI_INT, down, 0, &got, 1, MPI_INT, up, 0, grid, MPI_STATUS_IGNORE);
  CHECK(got == up);
  MPI_Cart_shift(grid, 1, 1, &up, &down);
  CHECK((up == MPI_PROC_NULL) == (at[1] == 0));
  MPI_Cart_sub(grid, (int[]){0, 1}, &line);
  MPI_Comm_size(line, &n);
  MPI_Comm_rank(line, &me);
  CHECK(n == sides[1] && me == at[1]);
  MPI_Comm_free(&line);
  MPI_Comm_free(&grid);
  MPI_Comm_free(&half);
  MPI_Comm_free(&reversed);
  MPI_Comm_free(&copy);
  CHECK(copy == MPI_COMM_NULL);
}

static void check_errors(void) {
  MPI_Comm comm;
  MPI_Status status;
  int in[2] = {9, 9}, out[4] = {1, 2, 3, 4}, length;
  char text[MPI_MAX_ERROR_STRING];
  MPI_Comm_dup(MPI_COMM_WORLD, &comm);
  MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN);
  CHECK(MPI_Send(out, 1, MPI_INT, size, 0, comm) == MPI_ERR_RANK);
  CHECK(MPI_Send(out, -1, MPI_INT, 0, 0, comm) == MPI_ERR_COUNT);
  CHECK(MPI_Send(out, 1, MPI_INT, 0, -5, comm) == MPI_ERR_TAG);
  CHECK(MPI_Send(out, 1, MPI_DATATYPE_NULL, 0, 0, comm) == MPI_ERR_TYPE);
  CHECK(MPI_Bcast(out, 1, MPI_INT, -1, comm) == MPI_ERR_ROOT);
  CHECK(MPI_Allreduce(out, in, 1, MPI_DOUBLE, MPI_BOR, comm) == MPI_ERR_OP);
  MPI_Send(out, 4, MPI_INT, rank, 1, comm);
  CHECK(MPI_Recv(in, 1, MPI_INT, rank, 1, comm, &status) == MPI_ERR_TRUNCATE);
  CHECK(in[0] == 1 && in[1] == 9);
  MPI_Error_string(MPI_ERR_TRUNCATE, text, &length);
  CHECK((int)strlen(text) == length && strstr(text, "MPI_ERR_TRUNCATE") != 0);
  MPI_Comm_free(&comm);
}

int main(int argc, char **argv) {
  int flag = 1, *tag_most, length;
  char name[MPI_MAX_PROCESSOR_NAME];
  MPI_Initialized(&flag);
  CHECK(!flag);
  MPI_Init(&argc, &argv);
  double start = MPI_Wtime();
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  MPI_Get_processor_name(name, &length);
  CHECK(length > 0 && (int)strlen(name) == length);
  MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_TAG_UB, &tag_most, &flag);
  CHECK(flag && *tag_most >= 32767);
  check_point_to_point(MPI_COMM_WORLD);
  check_order();
  check_synchronous();
  check_requests();
  check_probe();
  check_datatypes();
  check_collectives(MPI_COMM_WORLD);
  check_collectives(MPI_COMM_SELF);
  check_communicators();
  check_errors();
  if (argc > 1 && strcmp(argv[1], "large") == 0) check_large();
  CHECK(MPI_Wtime() >= start && MPI_Wtick() > 0);
  MPI_Finalize();
  MPI_Finalized(&flag);
  CHECK(flag);
  if (failures == 0) printf("selftest: rank %d of %d passed\n", rank, size);
  return failures != 0;
}
