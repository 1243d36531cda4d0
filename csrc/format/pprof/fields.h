/* Field numbers of google/pprof's profile.proto, by its names. */
#ifndef SHF_FORMAT_PPROF_FIELDS_H
#define SHF_FORMAT_PPROF_FIELDS_H

enum {
  PPROF_PROFILE_SAMPLE_TYPE = 1,          /* repeated ValueType */
  PPROF_PROFILE_SAMPLE = 2,               /* repeated Sample */
  PPROF_PROFILE_MAPPING = 3,              /* repeated Mapping */
  PPROF_PROFILE_LOCATION = 4,             /* repeated Location */
  PPROF_PROFILE_FUNCTION = 5,             /* repeated Function */
  PPROF_PROFILE_STRING_TABLE = 6,         /* repeated string; [0] is "" */
  PPROF_PROFILE_DROP_FRAMES = 7,          /* int64 string */
  PPROF_PROFILE_KEEP_FRAMES = 8,          /* int64 string */
  PPROF_PROFILE_TIME_NANOS = 9,           /* int64 */
  PPROF_PROFILE_DURATION_NANOS = 10,      /* int64 */
  PPROF_PROFILE_PERIOD_TYPE = 11,         /* ValueType */
  PPROF_PROFILE_PERIOD = 12,              /* int64 */
  PPROF_PROFILE_COMMENT = 13,             /* repeated int64 string */
  PPROF_PROFILE_DEFAULT_SAMPLE_TYPE = 14, /* int64 string */

  PPROF_VALUE_TYPE_TYPE = 1, /* int64 string */
  PPROF_VALUE_TYPE_UNIT = 2, /* int64 string */

  PPROF_SAMPLE_LOCATION_ID = 1, /* repeated uint64; [0] is the leaf */
  PPROF_SAMPLE_VALUE = 2,       /* repeated int64, one a sample type */
  PPROF_SAMPLE_LABEL = 3,       /* repeated Label */

  PPROF_LABEL_KEY = 1,      /* int64 string */
  PPROF_LABEL_STR = 2,      /* int64 string */
  PPROF_LABEL_NUM = 3,      /* int64 */
  PPROF_LABEL_NUM_UNIT = 4, /* int64 string */

  PPROF_MAPPING_ID = 1,               /* uint64, not 0 */
  PPROF_MAPPING_START = 2,            /* uint64 */
  PPROF_MAPPING_LIMIT = 3,            /* uint64 */
  PPROF_MAPPING_OFFSET = 4,           /* uint64, in the file */
  PPROF_MAPPING_FILENAME = 5,         /* int64 string */
  PPROF_MAPPING_BUILD_ID = 6,         /* int64 string */
  PPROF_MAPPING_HAS_FUNCTIONS = 7,    /* bool */
  PPROF_MAPPING_HAS_FILENAMES = 8,    /* bool */
  PPROF_MAPPING_HAS_LINE_NUMBERS = 9, /* bool */

  PPROF_LOCATION_ID = 1,         /* uint64, not 0 */
  PPROF_LOCATION_MAPPING_ID = 2, /* uint64 */
  PPROF_LOCATION_ADDRESS = 3,    /* uint64 */
  PPROF_LOCATION_LINE = 4,       /* repeated Line, innermost first */

  PPROF_LINE_FUNCTION_ID = 1, /* uint64 */
  PPROF_LINE_LINE = 2,        /* int64 */
  PPROF_LINE_COLUMN = 3,      /* int64 */

  PPROF_FUNCTION_ID = 1,          /* uint64, not 0 */
  PPROF_FUNCTION_NAME = 2,        /* int64 string */
  PPROF_FUNCTION_SYSTEM_NAME = 3, /* int64 string */
  PPROF_FUNCTION_FILENAME = 4,    /* int64 string */
  PPROF_FUNCTION_START_LINE = 5   /* int64 */
};

/* Wire types of protocol buffers. */
enum { PB_VARINT = 0, PB_FIXED64 = 1, PB_BYTES = 2, PB_FIXED32 = 5 };

#define PB_VARINT_MAX 10 /* bytes of a 64-bit varint */

/* Value of our comment `columns`: of all locations of a function, by which functions are told
 * apart. */
#define PPROF_COLUMNS_OF_FUNCTIONS "where functions begin"

#endif
