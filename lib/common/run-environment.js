'use strict'

/** What the wrapper tells the processes of a run. Read when this loads: an app may change its environment. */

/** The folder that `shap-flame` made for this run; undefined without the wrapper. */
const FOLDER = process.env.SHAP_FLAME_CAPTURES
/** Absolute prefix of snapshot files, to which `.<pid>.<number>.pb.gz` is added. */
const SNAPSHOTS = process.env.SHAP_FLAME_SNAPSHOTS

/** Pid of the first profiled process; its children inherit it. */
const MAIN = process.env.SHAP_FLAME_MAIN ?? String(process.pid)

/** @returns {boolean} whether another profiled process started this one, directly or not */
const isChild = () => MAIN !== String(process.pid)

module.exports = { FOLDER, SNAPSHOTS, MAIN, isChild }
