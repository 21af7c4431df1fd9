/* The environment: beginning, end, time and names. */
#include "mpi_internal.h"

static enum { BEFORE, RUNNING, AFTER } stage = BEFORE;
static int threads = MPI_THREAD_SINGLE;

bool mpi_is_running(void) { return stage == RUNNING; }

int MPI_Init(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  if (stage != BEFORE) mpi_give_up(__func__, "called a second time");
  stage = RUNNING;
  mpi_communicators_begin();
  mpi_messages_begin();
  return MPI_SUCCESS;
}

/* Calls are not guarded against each other, so threads have to take turns. */
int MPI_Init_thread(int *argc, char ***argv, int required, int *provided) {
  threads = required < MPI_THREAD_SERIALIZED ? required : MPI_THREAD_SERIALIZED;
  *provided = threads;
  return MPI_Init(argc, argv);
}

int MPI_Query_thread(int *provided) {
  *provided = threads;
  return MPI_SUCCESS;
}

int MPI_Is_thread_main(int *flag) {
  *flag = 1;
  return MPI_SUCCESS;
}

int MPI_Initialized(int *flag) {
  *flag = stage != BEFORE;
  return MPI_SUCCESS;
}

int MPI_Finalized(int *flag) {
  *flag = stage == AFTER;
  return MPI_SUCCESS;
}

/* All wait for each other: a process must not leave while a peer still waits for it to receive. */
int MPI_Finalize(void) {
  MPI_DEMAND_COMM(MPI_COMM_WORLD);
  MPI_PROPAGATE(mpi_attributes_delete(MPI_COMM_SELF));
  MPI_PROPAGATE(MPI_Barrier(MPI_COMM_WORLD));
  mpi_messages_end();
  stage = AFTER;
  return MPI_SUCCESS;
}

int MPI_Abort(MPI_Comm comm, int code) {
  (void)comm;
  mpi_system_abort(code);
}

double MPI_Wtime(void) { return mpi_system_seconds(); }
double MPI_Wtick(void) { return 1e-9; }

int MPI_Get_processor_name(char *name, int *length) {
  *length = mpi_system_name(name, MPI_MAX_PROCESSOR_NAME);
  return MPI_SUCCESS;
}

int MPI_Get_version(int *version, int *subversion) {
  *version = MPI_VERSION;
  *subversion = MPI_SUBVERSION;
  return MPI_SUCCESS;
}

int MPI_Get_library_version(char *version, int *length) {
  static const char name[] = "ckptlab guests' MPI 3.1";
  memcpy(version, name, sizeof name);
  *length = sizeof name - 1;
  return MPI_SUCCESS;
}

int MPI_Pcontrol(int level, ...) {
  (void)level;
  return MPI_SUCCESS;
}

int MPI_Alloc_mem(MPI_Aint size, MPI_Info info, void *base) {
  (void)info;
  MPI_DEMAND(MPI_COMM_NULL, size >= 0, MPI_ERR_ARG, "size is %d; expected 0 or more", (int)size);
  void *memory = malloc(size == 0 ? 1 : (size_t)size);
  MPI_DEMAND(MPI_COMM_NULL, memory != 0, MPI_ERR_NO_MEM, "no memory for %d bytes", (int)size);
  *(void **)base = memory;
  return MPI_SUCCESS;
}

int MPI_Free_mem(void *base) {
  free(base);
  return MPI_SUCCESS;
}
