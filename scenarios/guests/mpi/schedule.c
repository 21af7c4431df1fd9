/* Collective calls that do not wait: a list of steps, taken one after another as far as messages
 * have come, whenever the library looks for messages.
 *
 * The messages of each such call have a tag of their own, the same in all processes, since all
 * begin them in the same order. */
#include "mpi_internal.h"

enum step_kind { STEP_SEND, STEP_RECEIVE, STEP_WAIT, STEP_COPY, STEP_COMBINE };

struct step {
  enum step_kind kind;
  const void *in;
  void *out;
  int in_count, out_count, peer;
  MPI_Datatype in_type, out_type;
  MPI_Op op;
  struct mpi_request *receive; /* once it has begun */
};

struct room {
  struct room *next;
  void *buffer;
  int count;
  MPI_Datatype datatype;
};

struct mpi_schedule {
  struct mpi_schedule *next;
  struct mpi_request *request;
  MPI_Comm comm;
  int tag, steps, taken, limit;
  struct step *step;
  struct room *rooms;
  int error;
};

static struct mpi_schedule *schedules;

struct mpi_schedule *mpi_schedule_new(MPI_Comm comm) {
  struct mpi_schedule *schedule = mpi_take(sizeof *schedule);
  *schedule = (struct mpi_schedule){
      .comm = comm, .tag = TAG_UNWAITED + (int)(comm->begun++ % TAG_UNWAITED)};
  struct mpi_request *request = mpi_take(sizeof *request);
  *request = (struct mpi_request){
      .kind = REQUEST_COLLECTIVE, .active = true, .datatype = MPI_BYTE, .comm = comm};
  mpi_status_empty(&request->status);
  comm->uses++;
  schedule->request = request;
  return schedule;
}

void *mpi_schedule_buffer(struct mpi_schedule *schedule, int count, MPI_Datatype datatype) {
  struct room *room = mpi_take(sizeof *room);
  *room = (struct room){schedule->rooms, mpi_buffer_new(count, datatype), count, datatype};
  mpi_datatype_hold(datatype);
  schedule->rooms = room;
  return room->buffer;
}

static void add(struct mpi_schedule *schedule, struct step step) {
  if (schedule->steps == schedule->limit) {
    schedule->limit = schedule->limit == 0 ? 16 : 2 * schedule->limit;
    struct step *more = mpi_take((size_t)schedule->limit * sizeof *more);
    if (schedule->steps > 0) memcpy(more, schedule->step, (size_t)schedule->steps * sizeof *more);
    free(schedule->step);
    schedule->step = more;
  }
  if (step.in_type != 0) mpi_datatype_hold(step.in_type);
  if (step.out_type != 0) mpi_datatype_hold(step.out_type);
  if (step.op != 0 && !step.op->named) step.op->uses++;
  schedule->step[schedule->steps++] = step;
}

void mpi_schedule_send(struct mpi_schedule *schedule, const void *buffer, int count,
                       MPI_Datatype datatype, int to) {
  add(schedule, (struct step){.kind = STEP_SEND, .in = buffer, .in_count = count,
                              .in_type = datatype, .peer = to});
}

void mpi_schedule_receive(struct mpi_schedule *schedule, void *buffer, int count,
                          MPI_Datatype datatype, int from) {
  add(schedule, (struct step){.kind = STEP_RECEIVE, .out = buffer, .out_count = count,
                              .out_type = datatype, .peer = from});
}

void mpi_schedule_wait(struct mpi_schedule *schedule) {
  add(schedule, (struct step){.kind = STEP_WAIT});
}

void mpi_schedule_copy(struct mpi_schedule *schedule, const void *in, int in_count,
                       MPI_Datatype in_type, void *out, int out_count, MPI_Datatype out_type) {
  add(schedule, (struct step){.kind = STEP_COPY, .in = in, .in_count = in_count,
                              .in_type = in_type, .out = out, .out_count = out_count,
                              .out_type = out_type});
}

void mpi_schedule_combine(struct mpi_schedule *schedule, MPI_Op op, const void *in, void *inout,
                          int count, MPI_Datatype datatype) {
  add(schedule, (struct step){.kind = STEP_COMBINE, .in = in, .out = inout, .out_count = count,
                              .out_type = datatype, .op = op});
}

static void start_receive(struct mpi_schedule *schedule, struct step *step) {
  struct mpi_request *request = mpi_take(sizeof *request);
  *request = (struct mpi_request){
      .kind = REQUEST_RECEIVE, .buffer = step->out, .count = step->out_count,
      .datatype = step->out_type, .comm = schedule->comm, .peer = step->peer,
      .tag = schedule->tag, .world = schedule->comm->group->world[step->peer],
      .context = schedule->comm->context + 1};
  step->receive = request;
  mpi_request_start(request);
}

/* Whether all receives before a step are done; those that are, are given up. */
static bool settled(struct mpi_schedule *schedule, int steps) {
  bool all = true;
  for (int i = 0; i < steps; i++) {
    struct mpi_request *receive = schedule->step[i].receive;
    if (receive == 0) continue;
    if (!receive->done) {
      all = false;
      continue;
    }
    if (receive->status.MPI_ERROR != MPI_SUCCESS) schedule->error = receive->status.MPI_ERROR;
    free(receive);
    schedule->step[i].receive = 0;
  }
  return all;
}

/* False when the step has to wait. */
static bool take(struct mpi_schedule *schedule, struct step *step) {
  MPI_Comm comm = schedule->comm;
  switch (step->kind) {
    case STEP_SEND:
      mpi_message_send(comm->group->world[step->peer], comm->context + 1, schedule->tag, step->in,
                       step->in_count, step->in_type, 0);
      return true;
    case STEP_RECEIVE:
      start_receive(schedule, step);
      return true;
    case STEP_WAIT:
      return settled(schedule, schedule->taken);
    case STEP_COPY:
      if (schedule->error == MPI_SUCCESS) {
        schedule->error = mpi_copy("MPI_Wait", comm, step->in, step->in_count, step->in_type,
                                   step->out, step->out_count, step->out_type);
      }
      return true;
    case STEP_COMBINE:
      mpi_combine(step->op, step->in, step->out, step->out_count, step->out_type);
      return true;
  }
  return true;
}

static void destroy(struct mpi_schedule *schedule) {
  for (int i = 0; i < schedule->steps; i++) {
    if (schedule->step[i].in_type != 0) mpi_datatype_release(schedule->step[i].in_type);
    if (schedule->step[i].out_type != 0) mpi_datatype_release(schedule->step[i].out_type);
    if (schedule->step[i].op != 0) mpi_operator_release(schedule->step[i].op);
  }
  while (schedule->rooms != 0) {
    struct room *room = schedule->rooms;
    schedule->rooms = room->next;
    mpi_buffer_free(room->buffer, room->count, room->datatype);
    mpi_datatype_release(room->datatype);
    free(room);
  }
  free(schedule->step);
  free(schedule);
}

/* Takes steps as far as possible; whether it was the last. */
static bool advance(struct mpi_schedule *schedule) {
  while (schedule->taken < schedule->steps) {
    if (!take(schedule, &schedule->step[schedule->taken])) return false;
    schedule->taken++;
  }
  return settled(schedule, schedule->steps);
}

static void finish(struct mpi_schedule *schedule) {
  struct mpi_request *request = schedule->request;
  request->status.MPI_ERROR = schedule->error;
  destroy(schedule);
  mpi_request_finish(request);
}

void mpi_schedule_begin(struct mpi_schedule *schedule, MPI_Request *request) {
  *request = schedule->request;
  if (advance(schedule)) {
    finish(schedule);
    return;
  }
  schedule->next = schedules;
  schedules = schedule;
}

void mpi_schedules_advance(void) {
  for (struct mpi_schedule **place = &schedules; *place != 0;) {
    struct mpi_schedule *schedule = *place;
    if (advance(schedule)) {
      *place = schedule->next;
      finish(schedule);
    } else {
      place = &schedule->next;
    }
  }
}
