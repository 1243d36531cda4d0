'use strict'

/** Who may read profiles by HTTP: by default, programs on this machine. */

/** Addresses of this machine, as Node names them. */
const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|::ffff:127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/
/** Names of this machine in a Host header. A page of the web cannot have one of these (DNS rebinding). */
const LOCAL_HOST = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i
/** Headers that proxies add: the request comes from another machine then. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {string | undefined} why the request is refused; undefined: it comes from this machine
 */
function refusal (request) {
  const { socket, headers } = request
  // a unix socket has no address: its file's mode says who may connect
  const { remoteAddress } = socket
  if (remoteAddress === undefined) return undefined
  if (!LOOPBACK.test(remoteAddress)) return 'profiles are for this machine only; the option authorize lets others in'
  if (FORWARDED.some(name => headers[name] !== undefined)) return 'the request came through a proxy; the option authorize lets it in'
  if (!LOCAL_HOST.test(headers.host ?? '')) return 'the Host header names another machine; use 127.0.0.1 or localhost'
  return undefined
}

module.exports = { refusal }
