'use strict'
// Keeps 43 MB of arrays, and has V8 optimize a function after every 86 kB of them.
// Run with --allow-natives-syntax.
const kept = []
globalThis.kept = kept
const optimize = new Function('f', '%PrepareFunctionForOptimization(f); f(1); f(2); %OptimizeFunctionOnNextCall(f); f(3)')

function keep () {
  for (let i = 0; i < 100; i++) kept.push(new Array(100).fill(i))
}

for (let k = 0; k < 500; k++) {
  keep()
  optimize(new Function('a', `return a + ${k}`))
}
