// The same of a program in CommonJS, and from JavaScript's require: compiled, never run.
import shap = require('shap-flame')
import type { Profile, Limit } from 'shap-flame'
import { start, type StartOptions } from 'shap-flame'
require('shap-flame/register')

const options: StartOptions = { interval: 524288, engine: 'inspector', offheap: false }
const limits: readonly Limit[] = [{ max: 1e6, where: 'src/cache.js' }]

start(options).then(async () => {
  const profile: Profile = await shap.capture()
  const { passed }: shap.CheckResult = await shap.check(profile, limits)
  const growers: string[] = (await shap.diff(profile, profile)).changes().map(({ name }) => name)
  console.log(passed, growers, shap.running(), profile.error('inuse_objects'))
})
shap.addFormat({ allocations: shap.collectAllocations() }, () => {})
