import Foundation
import SparseCore
import Testing

@testable import MatrixFiles

/// A working folder in which lies what a careless tool would run, load or read.
@Suite(.serialized) final class TrapTests {
  private let tool: Tool
  private let clean: Tool

  init() throws {
    (tool, clean) = (try Tool(), try Tool())
    for folder in [tool.folder, clean.folder] {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("kernels"), withIntermediateDirectories: true)
      let entries = (0..<240).map { Double($0 * $0 % 17) - 8 }
      try MatrixFile.write(
        .double(Matrix(rows: 12, columns: 20, columnMajor: entries)), to: "\(folder.path)/A.npy")
      try MatrixFile.write((0..<12).map { Double($0 * $0 * $0 % 7) }, to: "\(folder.path)/y.npy")
    }
    for folder in ["", "bin/"] {
      for name in ["gnuplot", "sh", "bash", "env", "python3", "ld", "ld.lld", "clang", "cc", "sea"]
      {
        try set("#!/bin/sh\ntouch '\(tool.folder.path)/sprung-\(name)'\n", at: folder + name, 0o755)
      }
    }
    // What is no library stops a program that loads it.
    for name in ["OpenCL", "clblast", "openblas", "lapacke", "pocl", "m", "c"] {
      for version in ["", ".0", ".1", ".2", ".3", ".6"] {
        try set("no library", at: "lib\(name).so\(version)", 0o755)
      }
    }
    for name in ["product", "selection", "vectors", "storage"] {
      for folder in ["", "kernels/"] { try set("#error sprung", at: "\(folder)\(name).cl") }
    }
    let draw = "system 'touch \(tool.folder.path)/sprung-settings'\n"
    for name in [".gnuplot", "gnuplotrc", ".config/gnuplot/gnuplotrc"] { try set(draw, at: name) }
    for name in ["pocl.icd", "vendors/pocl.icd"] {
      try set("\(tool.folder.path)/libpocl.so", at: name)
    }
    for name in ["kcache/tempfile", "pocl-cache/program", "gemv", ".cache/sparse-recovery/gemv"] {
      try set("sprung", at: name)
    }
  }

  deinit {
    tool.cleanUp()
    clean.cleanUp()
  }

  private func set(_ text: String, at path: String, _ permissions: Int = 0o644) throws {
    let url = tool.folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: url.path)
  }

  /// The working folder comes first on the PATH in every way to write it, and is the home. No driver
  /// finds kernels that it has compiled before.
  private func run(_ words: String, in tool: Tool) throws -> Tool.Outcome {
    try tool.run(
      words.split(separator: " ").map(String.init),
      environment: [
        "PATH": ".:./bin:bin::/usr/local/bin:/usr/bin:/bin:", "HOME": tool.folder.path,
        "XDG_CACHE_HOME": "", "POCL_CACHE_DIR": tool.folder.path + "/kernels",
      ])
  }

  private func sprung() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: tool.folder.path)
      .filter { $0.hasPrefix("sprung") }
  }

  /// The traps are real: a shell that looks for a program the usual way falls for each.
  @Test func shellsFallForThem() throws {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", "gnuplot; sea"]
    shell.currentDirectoryURL = tool.folder
    shell.environment = ["PATH": ":/usr/bin:/bin"]
    try shell.run()
    shell.waitUntilExit()
    #expect(try sprung().sorted() == ["sprung-gnuplot", "sprung-sea"])
  }

  @Test(arguments: ["cpu", "opencl"]) func solvesAreTheSame(backend: String) throws {
    let words = "solve -m A.npy -y y.npy -k 3 --start zero --backend \(backend) --json"
    let (trapped, free) = (try run(words, in: tool), try run(words, in: clean))
    #expect(trapped.exitCode == free.exitCode, "\(trapped.errors)")
    for key in ["support", "coefficients"] {
      #expect(try trapped.json()[key] as? [Double] == free.json()[key] as? [Double])
    }
    #expect(backend != "cpu" || free.exitCode == 0)
    #expect(try sprung().isEmpty)
  }

  /// Where there is a gnuplot, it is the one of the system.
  @Test func chartsAreTheSame() throws {
    for tool in [tool, clean] {
      let solved = try run("solve -m A.npy -y y.npy -k 3 --trace t.csv", in: tool)
      #expect(solved.exitCode == 0, "\(solved.errors)")
      let drawn = try run("plot t.csv --plot svg --output charts", in: tool)
      #expect(drawn.exitCode == 0, "\(drawn.errors)")
    }
    #expect(try sprung().isEmpty)
    let charts = try [tool, clean].map {
      try FileManager.default.contentsOfDirectory(atPath: $0.folder.path + "/charts").sorted()
    }
    #expect(charts[0] == charts[1] && !charts[0].isEmpty)
  }
}
