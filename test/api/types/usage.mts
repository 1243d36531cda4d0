// A program as a user of the types would write it: it is compiled, never run.
import 'shap-flame/register'
import * as shap from 'shap-flame'
import type { Profile, SampleType, Stack } from 'shap-flame'

async function modern (): Promise<void> {
  await shap.start({ interval: 64 * 1024, depth: 64, maxProfilerMemory: 1 << 20, type: 'inuse_space' })
  const on: boolean = shap.running()
  const profile: Profile = await shap.capture({ gc: on, sourceMaps: !on })
  await shap.start({ interval: 4096, lines: true })
  const type: SampleType = profile.defaultType
  const total: number = profile.total(type) + profile.error()
  const rows = profile.top(3, 'alloc_objects').map(row => `${row.name} ${row.self.alloc_space} ${row.totalError.inuse_space}`)
  const files: Buffer[] = await Promise.all([
    profile.toFolded({ type }), profile.toPprof({ level: 9 }), profile.toListing({ rows: 10, color: true }),
    profile.toMarkdown({ maxBytes: 1000 }), profile.toJson(), profile.toSVG({ title: 't', inverted: true }), profile.toHeapprofile(), profile.encode('folded', { type })
  ])
  await profile.write('out.svg', { width: 1000, maxBytes: 500_000 })
  await profile.write('-', { format: 'folded' })
  const less = await (await (await profile.filter({ focus: /x/, hide: 'y' })).group('package')).prune(0.5)
  const routes: string[] = profile.by('http.route', type).map(row => `${row.value} ${row.total.alloc_space} ${row.error[type]}`)
  const labelled = await (await (await profile.filter({ where: { tenant: ['x', 1] } })).labelFrames({ root: ['a'], leaf: 'b' })).group('label:tenant')
  console.log(routes, labelled.labels)
  const warnings: string[] = await less.mapSources('maps')
  const both = await shap.merge([profile, less, await shap.read('a.shfc', { sourceMaps: 'maps' }), await shap.read(new URL('file:///a')), await shap.read(new Uint8Array(1))])
  const change = await shap.diff([profile, less], profile, { normalize: true })
  console.log(change.changes(3)[0]?.self.verdict, change.isDifference)
  const { passed, results } = await shap.check([profile], [{ max: 5e8 }, { type: 'inuse_space', where: /x/, maxGrowth: 10 }, { where: { tenant: 'x' }, max: 1 }], { baseline: [less], strict: true })
  console.log(passed, results[0]?.judgement, results[0]?.growers[0]?.line)
  console.log(warnings.length)
  both.free()
  const file: string = await shap.snapshot()
  await shap.stop()
  console.log(file, total, rows, files.length, both.sources[0]?.gc, both.counts.nodes, both.meta.node)
  // @ts-expect-error no such type
  profile.total('bytes')
  // @ts-expect-error profiles come from capture(), read() and merge()
  const wrong = new shap.Profile()
  console.log(wrong)
}

function legacy (): void {
  shap.startSampling()
  shap.startSampling(32, 6)
  shap.visitAllocationProfile(({ depth, name, script, script_id, start_position, line_number, column_number, allocations }) => {
    console.log(depth, name, script, script_id, start_position, line_number, column_number, allocations[0]?.size, allocations[0]?.count)
  })
  const allocations: Stack[] = shap.collectAllocations()
  shap.addFormat({ allocations, includeSourceLines: 0 }, (error, formatted) => {
    if (error) throw error
    console.log(formatted?.[0]?.callsites[0]?.formatted?.source?.join('\n'))
  })
  shap.stopSampling()
}

modern().then(legacy)
