'use strict'
/**
 * Functions whose names are hard to print, each keeping about 400 KB.
 *
 * V8's profilers report the name that stands in the source (SharedFunctionInfo),
 * not the `name` property: a literal key gives any name, a computed key or
 * Object.defineProperty gives none. Prints the names as a JSON array.
 */
/** @type {any[][]} */
const kept = []
Object.assign(globalThis, { keptByZoo: kept })
const BLOCKS = 50

function fill() {
  for (let i = 0; i < BLOCKS; i++) kept.push(new Array(1000))
}

const zoo = {
  '<anonymous>'() { fill() },
  'Foo<Bar>.baz(x)'() { fill() },
  '[Symbol.iterator]'() { fill() },
  分配内存() { fill() },
  '🔥 emoji'() { fill() },
  'it\'s "quoted"'() { fill() },
  'semi;colon'() { fill() },
  'new\nline'() { fill() },
  'tab\there'() { fill() },
  '  spaces  '() { fill() },
  'back\\slash'() { fill() },
  'a & b <c/> ]]>'() { fill() },
  'percent %s %n 100'() { fill() },
  'nul\u0000inside'() { fill() },
  'ends in a number 42'() { fill() },
  '(root)'() { fill() },
  'name (file.js:1:2)'() { fill() },
  get x() { fill(); return 1 },
  '__proto__ '() { fill() },
}
class Shelf {
  #secret() { fill() }
  open() { this.#secret() }
  constructor() { fill() }
}
const LONG = {
  longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong() { fill() },
}

const names = []
for (const name of Object.keys(zoo)) {
  if (name === 'x') {
    void zoo.x
    names.push('get x')
    continue
  }
  /** @type {any} */ (zoo)[name]()
  names.push(name)
}
new Shelf().open()
names.push('Shelf', '#secret')
for (const name of Object.keys(LONG)) {
  /** @type {any} */ (LONG)[name]()
  names.push(name)
}
process.stdout.write(JSON.stringify(names) + '\n')
