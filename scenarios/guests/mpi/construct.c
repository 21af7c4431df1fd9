/* Datatypes made of others: all are lists of pieces, each so many elements of a type at a place. */
#include "mpi_internal.h"

/* A datatype being made. The blocks of its pieces follow each other; neighbours become one. */
struct draft {
  struct mpi_datatype *type;
  struct mpi_block *block;
  int room;
  bool any; /* whether a piece has set the bounds */
};

static struct draft draft_begin(void) {
  struct draft draft = {.type = mpi_take(sizeof *draft.type), .block = 0, .room = 0, .any = false};
  memset(draft.type, 0, sizeof *draft.type);
  draft.type->uses = 1;
  return draft;
}

static void add_block(struct draft *draft, struct mpi_block block) {
  struct mpi_datatype *type = draft->type;
  if (block.bytes == 0) return;
  MPI_Aint end = block.place + (MPI_Aint)block.bytes;
  if (type->blocks == 0 || block.place < type->true_lower) type->true_lower = block.place;
  if (type->blocks == 0 || end > type->true_upper) type->true_upper = end;
  if (type->blocks > 0) {
    struct mpi_block *last = &draft->block[type->blocks - 1];
    if (last->place + (MPI_Aint)last->bytes == block.place && last->element == block.element) {
      last->bytes += block.bytes;
      return;
    }
  }
  if (type->blocks == draft->room) {
    draft->room = draft->room == 0 ? 4 : 2 * draft->room;
    struct mpi_block *more = mpi_take((size_t)draft->room * sizeof *more);
    if (type->blocks > 0) memcpy(more, draft->block, (size_t)type->blocks * sizeof *more);
    free(draft->block);
    draft->block = more;
  }
  draft->block[type->blocks++] = block;
}

/* A marker or a resized type sets a bound for good, the others only as far as they reach. */
static void reach(struct draft *draft, MPI_Aint lower, bool lower_set, MPI_Aint upper,
                  bool upper_set) {
  struct mpi_datatype *type = draft->type;
  if (lower_set == type->lower_set ? !draft->any || lower < type->lower : lower_set) {
    type->lower = lower;
    type->lower_set = lower_set;
  }
  if (upper_set == type->upper_set ? !draft->any || upper > type->upper : upper_set) {
    type->upper = upper;
    type->upper_set = upper_set;
  }
  draft->any = true;
}

static void add_marker(struct draft *draft, MPI_Aint place, enum mpi_kind kind) {
  struct mpi_datatype *type = draft->type;
  if (kind == KIND_LOWER) {
    if (!type->lower_set || place < type->lower) type->lower = place;
    type->lower_set = true;
  } else {
    if (!type->upper_set || place > type->upper) type->upper = place;
    type->upper_set = true;
  }
}

static void add_piece(struct draft *draft, MPI_Aint place, int count, MPI_Datatype old) {
  if (count == 0) return;
  if (old->kind == KIND_LOWER || old->kind == KIND_UPPER) {
    add_marker(draft, place, old->kind);
    return;
  }
  MPI_Aint extent = mpi_extent_of(old), last = (count - 1) * extent;
  reach(draft, place + old->lower + (last < 0 ? last : 0), old->lower_set,
        place + old->upper + (last < 0 ? 0 : last), old->upper_set);
  draft->type->size += (uint32_t)count * old->size;
  if (mpi_is_packed(old) && old->size > 0) {
    struct mpi_block block = old->block[0];
    block.place = place;
    block.bytes *= (uint32_t)count;
    add_block(draft, block);
    return;
  }
  for (int i = 0; i < count; i++) {
    for (int b = 0; b < old->blocks; b++) {
      struct mpi_block block = old->block[b];
      block.place += place + i * extent;
      add_block(draft, block);
    }
  }
}

static void set_name(MPI_Datatype type, const char *name) {
  size_t length = strlen(name);
  char *copy = mpi_take(length + 1);
  memcpy(copy, name, length + 1);
  type->name = copy;
}

static int draft_end(struct draft *draft, MPI_Datatype *new_type) {
  draft->type->block = draft->block;
  set_name(draft->type, "");
  *new_type = draft->type;
  return MPI_SUCCESS;
}

#define MPI_DEMAND_OLD(old) \
  MPI_DEMAND(MPI_COMM_NULL, (old) != MPI_DATATYPE_NULL, MPI_ERR_TYPE, \
             "the old datatype is MPI_DATATYPE_NULL")
#define MPI_DEMAND_NUMBER(what, number) \
  MPI_DEMAND(MPI_COMM_NULL, (number) >= 0, MPI_ERR_ARG, what " is %d; expected 0 or more", (number))

int MPI_Type_contiguous(int count, MPI_Datatype old, MPI_Datatype *new_type) {
  MPI_DEMAND_OLD(old);
  MPI_DEMAND_NUMBER("count", count);
  struct draft draft = draft_begin();
  add_piece(&draft, 0, count, old);
  return draft_end(&draft, new_type);
}

int MPI_Type_create_hvector(int count, int length, MPI_Aint stride, MPI_Datatype old,
                            MPI_Datatype *new_type) {
  MPI_DEMAND_OLD(old);
  MPI_DEMAND_NUMBER("count", count);
  MPI_DEMAND_NUMBER("the length of a block", length);
  struct draft draft = draft_begin();
  for (int i = 0; i < count; i++) add_piece(&draft, i * stride, length, old);
  return draft_end(&draft, new_type);
}

int MPI_Type_vector(int count, int length, int stride, MPI_Datatype old, MPI_Datatype *new_type) {
  MPI_DEMAND_OLD(old);
  return MPI_Type_create_hvector(count, length, stride * mpi_extent_of(old), old, new_type);
}

int MPI_Type_hvector(int count, int length, MPI_Aint stride, MPI_Datatype old,
                     MPI_Datatype *new_type) {
  return MPI_Type_create_hvector(count, length, stride, old, new_type);
}

int MPI_Type_indexed(int count, const int lengths[], const int places[], MPI_Datatype old,
                     MPI_Datatype *new_type) {
  MPI_DEMAND_OLD(old);
  MPI_DEMAND_NUMBER("count", count);
  struct draft draft = draft_begin();
  for (int i = 0; i < count; i++) {
    add_piece(&draft, places[i] * mpi_extent_of(old), lengths[i], old);
  }
  return draft_end(&draft, new_type);
}

int MPI_Type_create_hindexed(int count, const int lengths[], const MPI_Aint places[],
                             MPI_Datatype old, MPI_Datatype *new_type) {
  MPI_DEMAND_OLD(old);
  MPI_DEMAND_NUMBER("count", count);
  struct draft draft = draft_begin();
  for (int i = 0; i < count; i++) add_piece(&draft, places[i], lengths[i], old);
  return draft_end(&draft, new_type);
}

int MPI_Type_hindexed(int count, int lengths[], MPI_Aint places[], MPI_Datatype old,
                      MPI_Datatype *new_type) {
  return MPI_Type_create_hindexed(count, lengths, places, old, new_type);
}

int MPI_Type_create_indexed_block(int count, int length, const int places[], MPI_Datatype old,
                                  MPI_Datatype *new_type) {
  MPI_DEMAND_OLD(old);
  MPI_DEMAND_NUMBER("count", count);
  MPI_DEMAND_NUMBER("the length of a block", length);
  struct draft draft = draft_begin();
  for (int i = 0; i < count; i++) {
    add_piece(&draft, places[i] * mpi_extent_of(old), length, old);
  }
  return draft_end(&draft, new_type);
}

int MPI_Type_create_hindexed_block(int count, int length, const MPI_Aint places[],
                                   MPI_Datatype old, MPI_Datatype *new_type) {
  MPI_DEMAND_OLD(old);
  MPI_DEMAND_NUMBER("count", count);
  MPI_DEMAND_NUMBER("the length of a block", length);
  struct draft draft = draft_begin();
  for (int i = 0; i < count; i++) add_piece(&draft, places[i], length, old);
  return draft_end(&draft, new_type);
}

/* The bytes a type's alignment asks for: those of its longest element, as far as the processor
 * asks for any (4 at most). */
static MPI_Aint alignment_of(const struct mpi_datatype *type) {
  MPI_Aint most = 1;
  for (int b = 0; b < type->blocks; b++) {
    MPI_Aint element = (MPI_Aint)type->block[b].element;
    if (element > 4) element = 4;
    if (element > most) most = element;
  }
  return most;
}

/* As a C struct a type ends where the next of its kind may begin. */
int MPI_Type_create_struct(int count, const int lengths[], const MPI_Aint places[],
                           const MPI_Datatype types[], MPI_Datatype *new_type) {
  MPI_DEMAND_NUMBER("count", count);
  struct draft draft = draft_begin();
  for (int i = 0; i < count; i++) {
    MPI_DEMAND_OLD(types[i]);
    add_piece(&draft, places[i], lengths[i], types[i]);
  }
  struct mpi_datatype *type = draft.type;
  if (!type->upper_set && type->blocks > 0) {
    MPI_Aint alignment = alignment_of(&(struct mpi_datatype){.blocks = type->blocks,
                                                             .block = draft.block});
    MPI_Aint rest = mpi_extent_of(type) % alignment;
    if (rest > 0) type->upper += alignment - rest;
  }
  return draft_end(&draft, new_type);
}

int MPI_Type_struct(int count, int lengths[], MPI_Aint places[], MPI_Datatype types[],
                    MPI_Datatype *new_type) {
  return MPI_Type_create_struct(count, lengths, places, types, new_type);
}

int MPI_Type_create_resized(MPI_Datatype old, MPI_Aint lower, MPI_Aint extent,
                            MPI_Datatype *new_type) {
  MPI_DEMAND_OLD(old);
  struct draft draft = draft_begin();
  add_piece(&draft, 0, 1, old);
  draft.type->lower = lower;
  draft.type->upper = lower + extent;
  draft.type->lower_set = draft.type->upper_set = true;
  return draft_end(&draft, new_type);
}

int MPI_Type_dup(MPI_Datatype old, MPI_Datatype *new_type) {
  MPI_DEMAND_OLD(old);
  struct mpi_datatype *type = mpi_take(sizeof *type);
  struct mpi_block *block = mpi_take((size_t)old->blocks * sizeof *block);
  if (old->blocks > 0) memcpy(block, old->block, (size_t)old->blocks * sizeof *block);
  *type = *old;
  type->uses = 1;
  type->named = false;
  type->block = block;
  set_name(type, "");
  *new_type = type;
  return MPI_SUCCESS;
}

/* Dimension by dimension, from the one whose elements are neighbours: a part of it, widened to the
 * whole, is the element of the next. */
int MPI_Type_create_subarray(int dimensions, const int sizes[], const int part[],
                             const int starts[], int order, MPI_Datatype old,
                             MPI_Datatype *new_type) {
  MPI_DEMAND_OLD(old);
  MPI_DEMAND(MPI_COMM_NULL, dimensions > 0, MPI_ERR_ARG, "there are %d dimensions", dimensions);
  MPI_DEMAND(MPI_COMM_NULL, order == MPI_ORDER_C || order == MPI_ORDER_FORTRAN, MPI_ERR_ARG,
             "order is %d; expected MPI_ORDER_C or MPI_ORDER_FORTRAN", order);
  MPI_Datatype type = old;
  MPI_Aint width = mpi_extent_of(old), start = 0, whole = 0;
  mpi_datatype_hold(old);
  for (int n = 0; n < dimensions; n++) {
    int i = order == MPI_ORDER_C ? dimensions - 1 - n : n;
    MPI_DEMAND(MPI_COMM_NULL,
               part[i] >= 1 && starts[i] >= 0 && starts[i] + part[i] <= sizes[i], MPI_ERR_ARG,
               "dimension %d: %d elements from %d on do not lie in %d", i, part[i], starts[i],
               sizes[i]);
    MPI_Datatype next;
    MPI_PROPAGATE(MPI_Type_create_hvector(part[i], 1, width, type, &next));
    mpi_datatype_release(type);
    type = next;
    start += starts[i] * width;
    width *= sizes[i];
    whole = width;
  }
  struct draft draft = draft_begin();
  add_piece(&draft, start, 1, type);
  mpi_datatype_release(type);
  draft.type->lower = 0;
  draft.type->upper = whole;
  draft.type->lower_set = draft.type->upper_set = true;
  return draft_end(&draft, new_type);
}
