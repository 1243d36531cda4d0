'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { FORMATS } = require('../formats.js')
const { reason } = require('../common/errors.js')
const { formatValue } = require('../common/format-number.js')
const { workingFolder } = require('../common/metadata.js')
const { measure } = require('../api/queries.js')
const { cleanUpIfSignalled } = require('./exit-signal.js')
const { stdout, hasColors } = require('./stdio.js')

/** Maximum bytes of a step's summary on GitHub. */
const MARKDOWN_BYTES = 1024 * 1024

/** @typedef {{ format: string, path: string }} Output `path` is `-` for stdout */

/**
 * @param {import('../options.js').Values} values
 * @param {string} stem of the default files' names
 * @returns {{ outputs: Output[], named: boolean }} `named`: whether the user named outputs
 */
function planOutputs (values, stem) {
  const outputs = FORMATS.flatMap(({ name }) => {
    const file = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (values))[name]
    return typeof file === 'string' ? [{ format: name, path: file }] : []
  })
  if (outputs.length > 0) return { outputs, named: true }
  const files = FORMATS.filter(format => format.byDefault).map(({ name, extensions }) => (
    { format: name, path: path.join(values.outDir, `${stem}${extensions[0]}`) }
  ))
  return { outputs: files, named: false }
}

/**
 * @param {Output} output
 * @param {import('../options.js').Values} values
 * @returns {import('../api/profile.js').WriteOptions}
 */
function writeOptions ({ format, path: file }, values) {
  const { type, maxBytes } = values
  const cwd = workingFolder()
  if (format === 'svg') {
    const { title, subtitle, notes, width, height, minwidth, inverted, reverse } = values
    const { colors, fonttype, fontsize, countname, nametype } = values
    return {
      type,
      cwd,
      title,
      subtitle,
      notes,
      width,
      frameHeight: height,
      minWidth: minwidth,
      inverted,
      reverse,
      colors,
      fontType: fonttype,
      fontSize: fontsize,
      countName: countname,
      nameType: nametype,
      maxBytes
    }
  }
  const terminal = format === 'listing' && file === '-' && stdout().isTTY
  if (terminal) {
    return {
      type,
      cwd,
      sourceLines: values.sourceLines ?? 3,
      width: stdout().columns,
      human: true,
      color: hasColors(stdout())
    }
  }
  if (format === 'markdown') return { type, cwd, sourceLines: values.sourceLines, maxBytes: maxBytes ?? MARKDOWN_BYTES }
  return { type, cwd, sourceLines: values.sourceLines }
}

/**
 * @param {import('../api/profile.js').Profile} profile
 * @param {Output} output
 * @param {import('../options.js').Values} values
 */
async function writeOne (profile, output, values) {
  const { maxMemory } = values
  const options = { format: output.format, maxMemory, ...writeOptions(output, values) }
  await cleanUpIfSignalled(output.path, () => profile.write(output.path, options))
}

/**
 * @param {import('../api/profile.js').Profile} profile
 * @param {string} stem
 * @returns {Promise<string>} a message: where the profile was saved, or why not
 */
async function saveInTemp (profile, stem) {
  try {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shap-flame-saved-'))
    const file = path.join(folder, `${stem}.pb.gz`)
    await profile.write(file, { format: 'pprof' })
    return `the profile was saved as ${file}`
  } catch (error) {
    return `saving it in ${os.tmpdir()} failed too: ${reason(error)}`
  }
}

/**
 * Writes every output. If one fails, the others are still written, and the whole profile is saved in
 * the temporary folder.
 *
 * @param {import('../api/profile.js').Profile} profile
 * @param {Output[]} outputs
 * @param {import('../options.js').Values} values
 * @param {string} stem name of a saved profile without extension
 * @returns {Promise<{ written: Output[], failure: string | undefined }>}
 */
async function writeOutputs (profile, outputs, values, stem) {
  /** @type {Output[]} */
  const written = []
  /** @type {string[]} */
  const failures = []
  for (const output of outputs) {
    try {
      await writeOne(profile, output, values)
      written.push(output)
    } catch (error) {
      const file = output.path === '-' ? 'stdout' : output.path
      failures.push(`cannot write ${file}: ${reason(error)}`)
    }
  }
  if (failures.length === 0) return { written, failure: undefined }
  const others = failures.length > 1 ? ` (nor ${failures.length - 1} more)` : ''
  return { written, failure: `${failures[0]}${others}; ${await saveInTemp(profile, stem)}` }
}

/** An output is measured up to this size. */
const COUNTED = 1e9

/**
 * Drops default outputs that would be too large.
 * @param {import('../api/profile.js').Profile} profile
 * @param {Output[]} outputs
 * @param {import('../options.js').Values} values
 * @returns {Promise<{ outputs: Output[], dropped: string[] }>} `dropped`: a line for each
 */
async function dropLarge (profile, outputs, values) {
  /** @type {string[]} */
  const dropped = []
  const kept = []
  for (const output of outputs) {
    const large = FORMATS.find(({ name }) => name === output.format)?.large ?? Infinity
    const bytes = large < Infinity ? await measure(profile, output.format, writeOptions(output, values), COUNTED) : 0
    if (bytes <= large) kept.push(output)
    else dropped.push(`skipped ${output.path}: it would take ${bytes > COUNTED ? 'more than ' : ''}${formatValue(Math.min(bytes, COUNTED), 'alloc_space')}; write it with --${output.format} FILE`)
  }
  return { outputs: kept, dropped }
}

/** Default maximum size of a flamegraph, and maximum size that is read back. */
const SVG_BYTES = 1e6
const READ_BYTES = 1e8

/**
 * Reports flamegraphs in which frames for more than a tenth of the total were not drawn, as the file
 * itself says below its frames.
 * @param {Output[]} written
 * @param {import('../options.js').Values} values
 * @returns {string[]} a line for each
 */
function undrawnNotes (written, values) {
  return written.filter(({ format, path: file }) => format === 'svg' && file !== '-').flatMap(({ path: file }) => {
    const { size } = fs.statSync(file)
    // A pipe or a device has no size.
    if (size === 0 || size > READ_BYTES) return []
    const text = fs.readFileSync(file, 'latin1')
    const [, drawn, all, share] = /([\d,]+) of ([\d,]+) frames; grey blocks hold the rest, ([\d.]+)/.exec(text.slice(text.lastIndexOf('<g id="foot"'))) ?? []
    if (!(Number(share) > 10)) return []
    const max = values.maxBytes ?? SVG_BYTES
    const more = size > max / 2 ? `--max-bytes ${4 * max}` : 'a smaller --minwidth'
    return [`${file}: ${drawn} of ${all} frames are drawn; grey blocks stand for ${share} % of the total; draw more with ${more}`]
  })
}

/**
 * @param {import('../options.js').Values} values
 * @param {boolean} named
 * @returns {string | undefined} why the folder of the default outputs cannot be created
 */
function makeOutputFolder (values, named) {
  if (named) return undefined
  try {
    fs.mkdirSync(values.outDir, { recursive: true })
    return undefined
  } catch (error) {
    // EEXIST: a file has the folder's name.
    const exists = /** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST'
    return `cannot create the folder ${values.outDir}: ${exists ? 'a file with that name exists' : reason(error)}`
  }
}

module.exports = { planOutputs, dropLarge, undrawnNotes, writeOne, writeOutputs, makeOutputFolder, saveInTemp }
