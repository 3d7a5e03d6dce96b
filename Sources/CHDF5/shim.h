// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 names that are macros, as functions: constants that first start the library, and casts.
#pragma once
#include <hdf5.h>
#include <hdf5_hl.h>
#include <string.h>

static inline hid_t hdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t hdf5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t hdf5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t hdf5_float64(void) { return H5T_IEEE_F64LE; }
static inline hid_t hdf5_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t hdf5_int64(void) { return H5T_STD_I64LE; }
static inline hid_t hdf5_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t hdf5_c_string(void) { return H5T_C_S1; }
static inline size_t hdf5_variable_length(void) { return H5T_VARIABLE; }

static inline hid_t hdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t hdf5_all(void) { return H5S_ALL; }
static inline hid_t hdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t hdf5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t hdf5_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t hdf5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t hdf5_dataset_access(void) { return H5P_DATASET_ACCESS; }
static inline hid_t hdf5_link_create(void) { return H5P_LINK_CREATE; }

static inline unsigned hdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned hdf5_read_and_write(void) { return H5F_ACC_RDWR; }
static inline unsigned hdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned hdf5_creation_order(void) {
  return H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
}
static inline hid_t hdf5_default_error_stack(void) { return H5E_DEFAULT; }
static inline hid_t hdf5_every_file(void) { return H5F_OBJ_ALL; }
static inline unsigned hdf5_every_object(void) { return H5F_OBJ_ALL; }

// Some versions of HDF5 let the caller choose to work on file systems without locks.
static inline herr_t hdf5_without_file_locks(hid_t access) {
#if H5_VERSION_GE(1, 10, 7)
  return H5Pset_file_locking(access, 0, 1);
#else
  (void)access;
  return 0;
#endif
}

// A file in memory that grows in steps and never reaches the disk.
static inline herr_t hdf5_in_memory(hid_t access, size_t step) {
  return H5Pset_fapl_core(access, step, 0);
}

// Objects without time stamps, so that equal contents are equal bytes.
static inline herr_t hdf5_without_time_stamps(hid_t creation) {
  return H5Pset_obj_track_times(creation, 0);
}

// The memory of a file that the core driver keeps in memory.
static inline const void *hdf5_memory_of_file(hid_t file) {
  void **handle = NULL;
  if (H5Fget_vfd_handle(file, H5P_DEFAULT, (void **)&handle) < 0 || handle == NULL) return NULL;
  return *handle;
}

typedef struct {
  char *name;
  size_t capacity;
} hdf5_name_buffer;

static inline herr_t hdf5_take_scale_name(hid_t dataset, unsigned axis, hid_t scale, void *data) {
  hdf5_name_buffer *buffer = (hdf5_name_buffer *)data;
  (void)dataset;
  (void)axis;
  return H5Iget_name(scale, buffer->name, buffer->capacity) < 0 ? -1 : 1;
}

// The path of the first dimension scale on one axis of a dataset: 1 found, 0 none, negative error.
static inline herr_t hdf5_scale_name(hid_t dataset, unsigned axis, char *name, size_t capacity) {
  hdf5_name_buffer buffer = {name, capacity};
  return H5DSiterate_scales(dataset, axis, NULL, hdf5_take_scale_name, &buffer);
}
