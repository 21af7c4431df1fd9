/* Checks the MPI library from within: every process computes what each call must give by other
 * means and compares. Prints a line of what failed, and `selftest: rank r of n passed` or exits 1.
 * Runs with any number of processes, and whatever the order in which messages arrive. */
#include "check.h"

int rank, size, failures;

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
