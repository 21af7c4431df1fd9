/* What a status tells of a message. */
#include "mpi_internal.h"

#define MPI_DEMAND_STATUS(status, datatype) \
  MPI_DEMAND(MPI_COMM_NULL, (datatype) != MPI_DATATYPE_NULL, MPI_ERR_TYPE, \
             "the datatype is MPI_DATATYPE_NULL")

int MPI_Get_count(const MPI_Status *status, MPI_Datatype datatype, int *count) {
  MPI_DEMAND_STATUS(status, datatype);
  uint32_t bytes = (uint32_t)status->mpi_bytes;
  if (datatype->size == 0) {
    *count = bytes == 0 ? 0 : MPI_UNDEFINED;
  } else {
    *count = bytes % datatype->size == 0 ? (int)(bytes / datatype->size) : MPI_UNDEFINED;
  }
  return MPI_SUCCESS;
}

/* Basic elements, of which the last datatype may have some only. */
int MPI_Get_elements(const MPI_Status *status, MPI_Datatype datatype, int *count) {
  MPI_DEMAND_STATUS(status, datatype);
  uint32_t bytes = (uint32_t)status->mpi_bytes, elements = 0;
  while (bytes > 0 && datatype->size > 0) {
    for (int b = 0; b < datatype->blocks && bytes > 0; b++) {
      const struct mpi_block *block = &datatype->block[b];
      uint32_t part = block->bytes < bytes ? block->bytes : bytes;
      if (part % block->element != 0) {
        *count = MPI_UNDEFINED;
        return MPI_SUCCESS;
      }
      elements += part / block->element;
      bytes -= part;
    }
  }
  *count = bytes == 0 ? (int)elements : MPI_UNDEFINED;
  return MPI_SUCCESS;
}

int MPI_Get_elements_x(const MPI_Status *status, MPI_Datatype datatype, MPI_Count *count) {
  int elements;
  MPI_PROPAGATE(MPI_Get_elements(status, datatype, &elements));
  *count = elements;
  return MPI_SUCCESS;
}

int MPI_Status_set_elements(MPI_Status *status, MPI_Datatype datatype, int count) {
  MPI_DEMAND_STATUS(status, datatype);
  status->mpi_bytes = 0;
  for (int left = count; left > 0 && datatype->size > 0;) {
    for (int b = 0; b < datatype->blocks && left > 0; b++) {
      const struct mpi_block *block = &datatype->block[b];
      int elements = (int)(block->bytes / block->element);
      if (elements > left) elements = left;
      status->mpi_bytes += elements * (int)block->element;
      left -= elements;
    }
  }
  return MPI_SUCCESS;
}

int MPI_Status_set_cancelled(MPI_Status *status, int flag) {
  status->mpi_cancelled = flag != 0;
  return MPI_SUCCESS;
}

int MPI_Test_cancelled(const MPI_Status *status, int *flag) {
  *flag = status->mpi_cancelled;
  return MPI_SUCCESS;
}
