'use strict'

/**
 * shap-flame's own exit statuses, named as in sysexits.h. A run otherwise exits with the status of
 * the app.
 */
const STATUS = Object.freeze({
  USAGE: 64,
  DATA: 65,
  NO_INPUT: 66,
  INTERNAL: 70,
  CANNOT_WRITE: 73,
  LIMIT: 80
})

/** An error that is printed in one line, with the exit status. */
class CliError extends Error {
  /**
   * @param {number} status one of STATUS
   * @param {string} message one line: what is wrong, where, what to do
   */
  constructor (status, message) {
    super(message)
    this.name = 'CliError'
    this.status = status
  }
}

/**
 * An error of the library, whose `code` is ERR_SHAP_FLAME_ and a word.
 * @param {string} code
 * @param {string} message
 * @param {unknown} [cause]
 * @returns {Error & { code: string }}
 */
function coded (code, message, cause) {
  const error = new Error(message, cause === undefined ? undefined : { cause })
  return Object.assign(error, { code: `ERR_SHAP_FLAME_${code}` })
}

/** @type {Record<string, string>} */
const SYSTEM = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'a file with that name exists',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many symbolic links',
  EPIPE: 'the reader closed the pipe',
  EIO: 'input or output error'
}

/** Characters that are invisible or change the direction of text. */
const INVISIBLE = /[\u{34f}\u{ad}\u{61c}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180b}-\u{180f}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{3164}\u{feff}\u{ffa0}\u{fff0}-\u{fffb}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}\u{d800}-\u{dfff}]/gu

/**
 * @param {string} text
 * @returns {string} the text on one line, without control and invisible characters and without
 *   workflow commands of CI systems; csrc/text/string_builder.c has the same for the C core
 */
function oneLine (text) {
  return text
    .replace(/\s*[\r\n\u0085\u2028\u2029]+\s*/g, ' ')
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')
    .replace(INVISIBLE, '\ufffd')
    .replace(/##([a-z]*)\[/gi, '##$1 [')
    .trim()
}

/**
 * @param {string} text
 * @returns {string} the same for the start of a line, where `::` also begins a workflow command
 */
function lineStart (text) {
  return oneLine(text).replace(/^::/, ': :')
}

/**
 * The message of an error of the system or of the C core, in one line.
 * @param {unknown} error
 * @returns {string}
 */
function reason (error) {
  if (!(error instanceof Error)) return oneLine(String(error))
  const { code, errno, offset, line } = /** @type {{ code?: unknown, errno?: unknown, offset?: unknown, line?: unknown }} */ (error)
  const name = typeof errno === 'string' ? errno : code
  if (typeof name === 'string' && SYSTEM[name]) return `${SYSTEM[name]} (${name})`
  const text = oneLine(error.message) || 'unknown error'
  if (typeof line === 'number') return `${text}, at line ${line}`
  const addOffset = typeof offset === 'number' && offset > 0 && code === 'SHF_E_FORMAT' && !/\b(byte|offset) \d/.test(text)
  return addOffset ? `${text}, at byte ${offset}` : text
}

/**
 * @param {unknown} error of the core
 * @param {string} file
 * @returns {unknown} the same error, with the file and the position in its message
 */
function ofFile (error, file) {
  if (error instanceof Error) error.message = `${file}: ${reason(error)}`
  return error
}

exports.STATUS = STATUS
exports.CliError = CliError
exports.coded = coded
exports.oneLine = oneLine
exports.lineStart = lineStart
exports.reason = reason
exports.ofFile = ofFile
