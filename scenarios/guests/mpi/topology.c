/* Topologies: processes in a grid, numbered row by row. */
#include "mpi_internal.h"

struct mpi_topology {
  int count;
  int sides[]; /* sizes of the dimensions, then whether each is a circle */
};

static int periodic(const struct mpi_topology *grid, int i) { return grid->sides[grid->count + i]; }

static size_t bytes_of(int count) {
  return sizeof(struct mpi_topology) + 2 * (size_t)count * sizeof(int);
}

struct mpi_topology *mpi_topology_copy(const struct mpi_topology *topology) {
  if (topology == 0) return 0;
  struct mpi_topology *copy = mpi_take(bytes_of(topology->count));
  memcpy(copy, topology, bytes_of(topology->count));
  return copy;
}

static struct mpi_topology *grid_new(int count, const int dimensions[], const int periods[]) {
  struct mpi_topology *grid = mpi_take(bytes_of(count));
  grid->count = count;
  for (int i = 0; i < count; i++) {
    grid->sides[i] = dimensions[i];
    grid->sides[count + i] = periods[i] != 0;
  }
  return grid;
}

#define MPI_DEMAND_GRID(grid) \
  do { \
    MPI_DEMAND_COMM(grid); \
    MPI_DEMAND(grid, (grid)->topology != 0, MPI_ERR_TOPOLOGY, \
               "the communicator %s is not a grid", (grid)->name); \
  } while (0)

/* Whether so many sides of this length hold at least `rest`. */
static bool enough(int side, int sides, int rest) {
  long long power = 1;
  for (int n = 0; n < sides && power < rest; n++) power *= side;
  return power >= rest;
}

/* The smallest divisor of `rest` with which so many sides may make it. */
static int next_side(int rest, int sides) {
  int best = rest;
  for (int low = 1; low <= rest / low; low++) {
    if (rest % low != 0) continue;
    int high = rest / low;
    if (enough(low, sides, rest)) return low < best ? low : best;
    if (high < best && enough(high, sides, rest)) best = high;
  }
  return best;
}

/* Sides as equal as divisors allow, in falling order. */
int MPI_Dims_create(int size, int count, int dimensions[]) {
  int rest = size, free_sides = 0;
  for (int i = 0; i < count; i++) {
    MPI_DEMAND(MPI_COMM_NULL, dimensions[i] >= 0, MPI_ERR_DIMS, "dimension %d is %d", i,
               dimensions[i]);
    if (dimensions[i] == 0) {
      free_sides++;
      continue;
    }
    MPI_DEMAND(MPI_COMM_NULL, rest % dimensions[i] == 0, MPI_ERR_DIMS,
               "%d processes do not fill a side of %d", rest, dimensions[i]);
    rest /= dimensions[i];
  }
  MPI_DEMAND(MPI_COMM_NULL, free_sides > 0 || rest == 1, MPI_ERR_DIMS,
             "the dimensions leave %d processes over", rest);
  int *sides = mpi_take((size_t)free_sides * sizeof *sides);
  for (int n = 0; n < free_sides; n++) {
    int side = next_side(rest, free_sides - n), place = n;
    for (; place > 0 && sides[place - 1] < side; place--) sides[place] = sides[place - 1];
    sides[place] = side;
    rest /= side;
  }
  for (int i = 0, n = 0; i < count; i++) {
    if (dimensions[i] == 0) dimensions[i] = sides[n++];
  }
  free(sides);
  return MPI_SUCCESS;
}

int MPI_Cart_create(MPI_Comm comm, int count, const int dimensions[], const int periods[],
                    int reorder, MPI_Comm *grid) {
  (void)reorder;
  MPI_DEMAND_COMM(comm);
  MPI_DEMAND(comm, count >= 0, MPI_ERR_DIMS, "there are %d dimensions", count);
  int cells = 1;
  for (int i = 0; i < count; i++) {
    MPI_DEMAND(comm, dimensions[i] > 0, MPI_ERR_DIMS, "dimension %d is %d", i, dimensions[i]);
    cells *= dimensions[i];
  }
  MPI_DEMAND(comm, cells <= mpi_size_of(comm), MPI_ERR_TOPOLOGY,
             "the grid has %d cells for %d processes", cells, mpi_size_of(comm));
  int colour = mpi_rank_of(comm) < cells ? 0 : MPI_UNDEFINED;
  MPI_PROPAGATE(MPI_Comm_split(comm, colour, 0, grid));
  if (*grid != MPI_COMM_NULL) (*grid)->topology = grid_new(count, dimensions, periods);
  return MPI_SUCCESS;
}

int MPI_Cart_rank(MPI_Comm grid, const int coordinates[], int *rank) {
  MPI_DEMAND_GRID(grid);
  const struct mpi_topology *sides = grid->topology;
  *rank = 0;
  for (int i = 0; i < sides->count; i++) {
    int side = sides->sides[i], at = coordinates[i];
    MPI_DEMAND(grid, periodic(sides, i) || (at >= 0 && at < side), MPI_ERR_ARG,
               "coordinate %d is %d; expected 0 to %d", i, at, side - 1);
    *rank = *rank * side + (at % side + side) % side;
  }
  return MPI_SUCCESS;
}

static void coordinates_of(const struct mpi_topology *grid, int rank, int count,
                           int coordinates[]) {
  for (int i = grid->count; i-- > 0; rank /= grid->sides[i]) {
    if (i < count) coordinates[i] = rank % grid->sides[i];
  }
}

int MPI_Cart_coords(MPI_Comm grid, int rank, int count, int coordinates[]) {
  MPI_DEMAND_GRID(grid);
  MPI_DEMAND(grid, rank >= 0 && rank < mpi_size_of(grid), MPI_ERR_RANK,
             "rank is %d; expected 0 to %d", rank, mpi_size_of(grid) - 1);
  MPI_DEMAND(grid, count >= grid->topology->count, MPI_ERR_ARG,
             "there are %d coordinates, and room for %d", grid->topology->count, count);
  coordinates_of(grid->topology, rank, count, coordinates);
  return MPI_SUCCESS;
}

/* The rank so far away in a direction, or nobody. */
static int neighbour(const struct mpi_topology *grid, int rank, int direction, int distance) {
  int block = 1, side = grid->sides[direction];
  for (int i = direction + 1; i < grid->count; i++) block *= grid->sides[i];
  int here = rank / block % side, there = here + distance;
  if (periodic(grid, direction)) there = (there % side + side) % side;
  if (there < 0 || there >= side) return MPI_PROC_NULL;
  return rank + (there - here) * block;
}

int MPI_Cart_shift(MPI_Comm grid, int direction, int distance, int *source, int *destination) {
  MPI_DEMAND_GRID(grid);
  MPI_DEMAND(grid, direction >= 0 && direction < grid->topology->count, MPI_ERR_ARG,
             "direction is %d; expected 0 to %d", direction, grid->topology->count - 1);
  *destination = neighbour(grid->topology, mpi_rank_of(grid), direction, distance);
  *source = neighbour(grid->topology, mpi_rank_of(grid), direction, -distance);
  return MPI_SUCCESS;
}

int MPI_Cart_get(MPI_Comm grid, int count, int dimensions[], int periods[], int coordinates[]) {
  MPI_DEMAND_GRID(grid);
  MPI_DEMAND(grid, count >= grid->topology->count, MPI_ERR_ARG,
             "there are %d dimensions, and room for %d", grid->topology->count, count);
  for (int i = 0; i < grid->topology->count; i++) {
    dimensions[i] = grid->topology->sides[i];
    periods[i] = periodic(grid->topology, i);
  }
  coordinates_of(grid->topology, mpi_rank_of(grid), count, coordinates);
  return MPI_SUCCESS;
}

/* Processes whose coordinates differ in the remaining dimensions alone are one grid. */
int MPI_Cart_sub(MPI_Comm grid, const int remain[], MPI_Comm *part) {
  MPI_DEMAND_GRID(grid);
  const struct mpi_topology *whole = grid->topology;
  int colour = 0, key = 0, kept = 0;
  int *at = mpi_take((size_t)whole->count * 3 * sizeof *at);
  int *dimensions = at + whole->count, *periods = dimensions + whole->count;
  coordinates_of(whole, mpi_rank_of(grid), whole->count, at);
  for (int i = 0; i < whole->count; i++) {
    if (remain[i]) {
      key = key * whole->sides[i] + at[i];
      dimensions[kept] = whole->sides[i];
      periods[kept++] = periodic(whole, i);
    } else {
      colour = colour * whole->sides[i] + at[i];
    }
  }
  /* A grid without dimensions has one cell: that of rank 0. */
  if (kept == 0) colour = mpi_rank_of(grid) == 0 ? 0 : MPI_UNDEFINED;
  int error = MPI_Comm_split(grid, colour, key, part);
  if (error == MPI_SUCCESS && *part != MPI_COMM_NULL) {
    (*part)->topology = grid_new(kept, dimensions, periods);
  }
  free(at);
  return error;
}

int MPI_Cart_map(MPI_Comm comm, int count, const int dimensions[], const int periods[],
                 int *rank) {
  (void)periods;
  MPI_DEMAND_COMM(comm);
  int cells = 1;
  for (int i = 0; i < count; i++) cells *= dimensions[i];
  *rank = mpi_rank_of(comm) < cells ? mpi_rank_of(comm) : MPI_UNDEFINED;
  return MPI_SUCCESS;
}

int MPI_Cartdim_get(MPI_Comm grid, int *count) {
  MPI_DEMAND_GRID(grid);
  *count = grid->topology->count;
  return MPI_SUCCESS;
}

int MPI_Topo_test(MPI_Comm comm, int *kind) {
  MPI_DEMAND_COMM(comm);
  *kind = comm->topology == 0 ? MPI_UNDEFINED : MPI_CART;
  return MPI_SUCCESS;
}
