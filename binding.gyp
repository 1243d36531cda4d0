{
  'target_defaults': {
    'include_dirs': ['csrc', 'flamegraph'],
    'defines': ['_GNU_SOURCE'],
    # asserts are for the tests and fuzzers in C
    'configurations': {'Release': {'defines': ['NDEBUG']}},
    'cflags': ['-Wall', '-Wextra', '-Wconversion', '-Wshadow'],
    # -O3 makes the binaries a tenth larger and no faster.
    'cflags!': ['-Wno-unused-parameter', '-O3'],
    'cflags_c': ['-std=c11'],
    # V8's and Node's headers are no code of ours: they are system headers.
    'conditions': [
      ['OS=="linux"', {
        'cflags': ['-isystem <(node_root_dir)/include/node', '-isystem <(node_root_dir)/src',
                   '-fvisibility=hidden'],
      }],
      ['OS=="mac"', {
        'xcode_settings': {
          'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
          'OTHER_CFLAGS': ['-isystem <(node_root_dir)/include/node'],
        },
      }],
    ],
  },
  'targets': [
    {
      # Plain Node-API over the C core: one binary for every Node.
      'target_name': 'shap_core',
      'cflags': ['-O2'],
      'ldflags': ['-Wl,--gc-sections'],
      'sources': [
        'csrc/node/napi_util.c',
        'csrc/node/async_work.c',
        'csrc/node/core_binding.c',
        'csrc/node/core_transform.c',
        'csrc/node/core_labels.c',
        'csrc/node/core_maps.c',
        'csrc/node/core_read.c',
        'csrc/node/core_bytes.c',
        'csrc/node/core_write.c',
        'csrc/node/core_query.c',
        'csrc/node/core_rows.c',
        'csrc/node/core_diff.c',
        'csrc/node/core_sample_heap_allocations.c',
        'csrc/node/core_process.c',
        '<!@(node -p "[\'core\',\'text\',\'capture\',\'profile\',\'format\',\'output\'].flatMap(d => fs.readdirSync(\'csrc/\' + d, { recursive: true }).filter(f => f.endsWith(\'.c\')).sort().map(f => \'csrc/\' + d + \'/\' + f)).join(\' \')")',
        '<!@(node -p "fs.readdirSync(\'flamegraph\').filter(f => f.endsWith(\'.c\')).sort().map(f => \'flamegraph/\' + f).join(\' \')")',
      ],
      'actions': [
        {
          'action_name': 'formats_table',
          'inputs': ['lib/formats.js', 'csrc/output/formats_table.js'],
          'outputs': ['<(SHARED_INTERMEDIATE_DIR)/formats_table.c'],
          'action': ['node', 'csrc/output/formats_table.js', '<@(_outputs)'],
          'process_outputs_as_sources': 1,
        },
      ],
    },
    {
      # V8's sampler: one binary for each Node ABI.
      'target_name': 'shap_sampler',
      'cflags': ['-Os'],
      # a capture that runs out of memory is an error, not the end of the app
      'cflags_cc!': ['-fno-exceptions'],
      # its threads, and the allocators that call it, outlive any environment
      'conditions': [['OS=="linux"', {'ldflags': ['-Wl,-z,nodelete']}]],
      'cflags_cc': ['-fexceptions'],
      'xcode_settings': {'GCC_ENABLE_CPP_EXCEPTIONS': 'YES'},
      'sources': [
        'csrc/node/napi_util.c',
        'csrc/node/sampler_binding.c',
        'csrc/node/instance_exit.c',
        'csrc/node/label_binding.c',
        'csrc/runtime/thread_session.c',
        'csrc/runtime/process_memory.c',
        'csrc/runtime/signals.c',
        'csrc/runtime/snapshots.c',
        'csrc/runtime/thread_registry.c',
        'csrc/runtime/attach_socket.c',
        'csrc/runtime/offheap.c',
        'csrc/runtime/live_blocks.c',
        'csrc/runtime/offheap_profile.c',
        'csrc/capture/label_sets.c',
        'csrc/capture/write.c',
        'csrc/core/error_text.c',
        'csrc/core/growable.c',
        'csrc/core/string_table.c',
        'csrc/core/hash_index.c',
        'csrc/core/arena.c',
        'csrc/core/large_alloc.c',
        'csrc/core/budget.c',
        'csrc/core/weight.c',
        'csrc/v8/unity.cc',
        'csrc/v8/libstdcxx_compat.cc',
      ],
    },
  ],
}
