import Foundation
import Testing

/// Compiles pages for somebody who has the products of the package and no more.
struct PageCompiler {
  /// What comes of a page.
  enum Result {
    /// A module that the rest of the page may import, of the blocks with this mark.
    case module(mark: String)
    /// A program, of the blocks without a mark.
    case program
    /// Nothing: these are type-checked.
    case nothing
  }

  /// What the mark of a module begins with, before its name.
  static let moduleMark = "module "

  /// What a program of the library is linked from.
  private static let modules = [
    "SparseCore", "ReferenceBackend", "CCorrelation", "CPUBackend", "OpenCLBackend", "LeastSquares",
    "Solvers", "MatrixFiles",
    "SyntheticProblems", "SparseRecovery",
  ]

  /// Where files are written, and what runs the compiler.
  private let tool: Tool
  /// The folder `usr/lib/swift` of the toolchain.
  private let resources: String
  /// What was built with the tests.
  private let built = Tool.path.deletingLastPathComponent().path

  init(_ tool: Tool) throws {
    self.tool = tool
    let swift = Page.root.appendingPathComponent("scripts/swift").path
    let facts = try Self.shell("'\(swift)' -print-target-info", tool).json()
    let paths = facts["paths"] as? [String: Any]
    resources = try #require(paths?["runtimeResourcePath"] as? String)
  }

  /// Compiles blocks of a page; what the compiler complains of fails the test.
  func compile(_ page: Page, to result: Result) throws {
    var mark: String?
    let task: String
    switch result {
    case .module(let found):
      mark = found
      task = "-emit-module -parse-as-library -module-name \(found.dropFirst(Self.moduleMark.count))"
    case .program:
      // Those of the tool, since a folder may hold objects of files that are no more. They may be such
      // that count the lines they run.
      task = "-profile-generate -o program @objects"
      let linked = try String(
        contentsOfFile: built + "/sea.product/Objects.LinkFileList", encoding: .utf8)
      let objects = linked.split(separator: "\n").filter { object in
        Self.modules.contains { object.contains("/\($0).build/") }
      }
      try objects.joined(separator: "\n").write(
        to: tool.folder.appendingPathComponent("objects"), atomically: true, encoding: .utf8)
    case .nothing:
      task = "-typecheck"
    }
    let file = tool.folder.appendingPathComponent(page.path + ".swift")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try page.source(marked: mark).write(to: file, atomically: true, encoding: .utf8)
    let libraries = [
      "COpenBLAS", "COpenCL", "CLAPACKE", "CForeignFiles/include", "CMemoryFiles/include",
      "CCorrelation/include",
    ]
    .map { "-I '\(Page.root.path)/Sources/\($0)'" }.joined(separator: " ")
    let outcome = try Self.shell(
      """
      '\(resources)/../../bin/swiftc' '\(page.path).swift' \(task) -swift-version 6 -warnings-as-errors \
        -I . -I '\(built)/Modules' \(libraries) $(pkg-config --cflags-only-I openblas lapacke clblast) \
        -I '\(resources)/pm/ManifestAPI' -package-description-version 6.3 2>&1
      """, tool)
    let complaints = (outcome.output + outcome.errors).replacing(".md.swift:", with: ".md:")
    try #require(outcome.exitCode == 0, "\(page.path): \(complaints)")
  }

  /// Runs the program where `A.npy` and `y.npy` are, of a table that is tall enough to be reduced.
  func runProgram() throws -> Tool.Outcome {
    _ = try tool.run(
      "generate", "gaussian", "--rows", "12000", "--columns", "100", "-k", "8", "-o", "problem")
    return try Self.shell("cd problem && ../program", tool)
  }

  private static func shell(_ line: String, _ tool: Tool) throws -> Tool.Outcome {
    try tool.start(["-c", line], shell: true).outcome()
  }
}
