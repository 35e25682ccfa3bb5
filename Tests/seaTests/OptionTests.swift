import Foundation
import Testing

@testable import sea

/// Options with values that parse and make no sense: which one it is, and what was expected.
@Suite(.serialized) final class OptionTests: ToolSuite {
  let tool: Tool
  private static let path = "path -m p/A.npy -y p/y.npy -k 3 "

  /// What is said of an option that would have no effect.
  private static func idle(_ option: String, _ needed: String) -> String {
    "--\(option): needs \(needed)"
  }

  private static let solve = "solve -m p/A.npy -y p/y.npy -k 3 --backend cpu "

  init() throws {
    tool = try Tool()
    _ = try tool.run(
      "generate", "gaussian", "--rows", "20", "--columns", "40", "-k", "3", "--snr", "20", "-o", "p"
    )
  }

  deinit { tool.cleanUp() }

  @Test(arguments: [
    (solve + "--include 0,-4", "--include: expected columns such as 0,4,7-9, found 0,-4"),
    (solve + "--exclude 9-7", "--exclude: expected columns such as 0,4,7-9, found 9-7"),
    (solve + "--exclude 1-2-3", "--exclude: expected columns such as 0,4,7-9, found 1-2-3"),
    (
      solve + "--cache-memory 3X",
      "--cache-memory: expected a number of bytes, such as 500M or 2G, found 3X"
    ),
    (
      "solve -m p/A.npy -y p/y.npy -k 3 --device-memory 99999999999T",
      "--device-memory: expected a number of bytes, such as 500M or 2G, found 99999999999T"
    ),
    (
      "solve -m p/A.npy -y p/y.npy -k 3 --storage half --gemv clblast",
      "--gemv: expected none with --storage half, found clblast"
    ),
    (solve + "--device 0", "--device: expected none with --backend cpu, found 0"),
    (
      solve + "--algorithm omp --start zero",
      "--start: expected none with --algorithm omp, found zero"
    ),
    (
      solve + "--algorithm els --start zero",
      "--start: expected an algorithm with --algorithm els, found zero"
    ),
    (
      "path -m p/A.npy -y p/y.npy -k 5:3",
      "--sparsity: expected a range such as 1:50, from 0 on, found 5:3"
    ),
    (
      "path -m p/A.npy -y p/y.npy -k 3 --target-residual 0.1 --criterion bic",
      "--criterion: expected none with --target-residual, found bic"
    ),
    (
      "experiment regression --data x.csv --folds 3 --held-out 0.2 -o new",
      "--held-out: expected none together with --folds, found a share"
    ),
    (
      "experiment phase-transition --ratios 0.1,x -o new",
      "--ratios: expected numbers such as 0.1,0.2,0.3, found '0.1,x'"
    ),
    // Options that would have no effect.
    (
      solve + "-a sp --step-size 1",
      idle("step-size", "an algorithm that takes steps, and for sea a start other than zero")
    ),
    (
      solve + "-s zero --step-size 1",
      idle("step-size", "an algorithm that takes steps, and for sea a start other than zero")
    ),
    (solve + "-a htp --rounds 2", idle("rounds", "--algorithm sea with --start auto")),
    (solve + "-s omp --effort quick", idle("effort", "--algorithm sea with --start auto")),
    (solve + "--effort quick --rounds 2", idle("rounds", "--effort normal or thorough")),
    (
      solve + "--effort quick --seed 3",
      idle("seed", "a search with random starts, or --criterion cv or resampling of a path")
    ),
    (
      solve + "--effort thorough --deterministic",
      "--effort: expected --rounds as well with --deterministic, since a clock ends it else, "
        + "found thorough"
    ),
    (
      solve + "-a exhaustive --gradient direct",
      idle("gradient", "an algorithm that computes gradients")
    ),
    (solve + "-a vamp --gradient direct", idle("gradient", "an algorithm that computes gradients")),
    (
      solve + "-a sp --gradient blocked",
      "--gradient: expected auto, direct or gram unless --algorithm is sea or omp, found 'blocked'"
    ),
    (
      solve + "--gradient direct --cache-memory 1M",
      idle("cache-memory", "a gradient from products of columns: auto or gram")
    ),
    (solve + "-a omp -n 3", idle("iterations", "an algorithm that does not end by itself")),
    (
      solve + "-a gomp --stagnation 3",
      idle("stagnation", "an algorithm that does not end by itself")
    ),
    (
      solve + "--standardize --no-normalize",
      "--normalize: expected none together with --standardize, which normalises"
    ),
    (solve + "--storage half", idle("storage", "--backend opencl")),
    (solve + "--gemv native", idle("gemv", "--backend opencl")),
    (solve + "--device-memory 1G", idle("device-memory", "--backend opencl")),
    (
      solve + "--joint -a omp --gradient blocked",
      "--gradient: expected auto, direct or gram with --joint and --algorithm omp, found 'blocked'"
    ),
    (path + "--folds 5", idle("folds", "--criterion cv")),
    (path + "-c ebic,bic --fold-repeats 5", idle("fold-repeats", "--criterion cv")),
    (path + "--fold-groups g.csv", idle("fold-groups", "--criterion cv")),
    (path + "--frequencies f.csv", idle("frequencies", "--bootstrap or --subsample")),
    (path + "--frequency-plot terminal", idle("frequency-plot", "--bootstrap or --subsample")),
    (path + "-c bic,cv --gamma 0.5", idle("gamma", "--criterion ebic")),
    (
      path + "-c ebic,bic,ebic", "--criterion: expected ebic once, found ebic,bic,ebic"
    ),
    (
      path + "--criterion ebic,best",
      "--criterion: expected one of aic, bic, ebic, gic, cv, none, or several with commas between them, "
        + "found 'ebic,best'"
    ),
    (
      path + "--bootstrap 3 --subsample 3",
      "--subsample: expected none together with --bootstrap"
    ),
    (
      path + "--bootstrap 3 --frequency-plot f.pdf",
      "--frequency-plot: expected terminal, or a file named .svg or .png, found f.pdf"
    ),
    (
      "path -m p/A.npy -y p/y.npy -k 12 --bootstrap 2",
      "bootstrap: expected at least 24, twice what the largest sparsity needs, found 20 rows that take part"
    ),
    (
      path + "-c cv --folds 21",
      "folds: expected a number from 2 to 20, the rows that take part, found 21"
    ),
    (
      path + "-c cv --folds p/y.npy --fold-repeats 2",
      "--fold-repeats: needs a number of --folds, and not folds by label"
    ),
    (
      path + "-c cv --folds p/A.npy --fold-groups p/y.npy",
      "--fold-groups: needs a number of --folds, and not folds by label"
    ),
    (
      path + "-c cv --folds p/x.npy",
      "folds: expected 20 labels, one for each row, found 40 labels"
    ),
    (path + "-c bic --one-standard-error", idle("one-standard-error", "--criterion cv")),
    (path + "-c bic --gamma 0.5", idle("gamma", "--criterion ebic")),
    (path + "-r 0.1 --gamma 0.5", idle("gamma", "--criterion ebic")),
    (
      path + "-a omp -c bic --seed 3",
      idle("seed", "a search with random starts, or --criterion cv or resampling of a path")
    ),
    (path + "-s warm --gradient direct", "--gradient: expected none together with --start warm"),
    (path + "-a ols --rounds 2", idle("rounds", "--algorithm sea with --start auto")),
    ("generate toeplitz --width 2 -o new", "--width: expected none for 'toeplitz', found a value"),
    ("generate gaussian --rho 0.1 -o new", "--rho: expected none for 'gaussian', found a value"),
  ])
  func areRefusedByName(words: String, message: String) throws {
    try Data("1,2\n3,4\n5,6\n7,9\n".utf8).write(to: tool.folder.appendingPathComponent("x.csv"))
    let outcome = try run(words)
    #expect(outcome.exitCode == 64 && outcome.output.isEmpty)
    #expect(outcome.errors == "sea: \(message)\n")
  }

  /// Labels of which no two are the same are said: a file of measurements looks like that.
  @Test func labelsThatAllDiffer() {
    func notices(_ labels: [[Int]]) -> [String] { FoldChoice.notices(about: labels, of: "f.csv") }
    #expect(notices([]).isEmpty && notices([[0, 1, 0]]).isEmpty)
    #expect(
      notices([[2, 0, 1]])
        == ["f.csv: every row has a label of its own, so that each is left out alone"])
    #expect(
      notices([[2, 0, 1], [0, 0, 1], [0, 1, 2]])
        == [
          "f.csv: every row has a label of its own in 2 of 3 columns, so that each is left out alone"
        ])
  }

  @Test func everyChoiceOfSeveralSaysWhatMadeIt() throws {
    let chosen = try run(Self.path + "-c bic,none").value("chosen")
    #expect(chosen?.contains(", by bic; k = 3, the largest") == true, "\(chosen ?? "")")
  }

  /// What an option changes is seen in the result.
  @Test func changeTheResult() throws {
    let included = try run(Self.solve + "--include 7-8 --exclude 0").value("support") ?? ""
    #expect(included.split(separator: ", ").contains("7") && !included.hasPrefix("0, "))
    #expect(try run(Self.solve + "--intercept").value("intercept") != nil)
    #expect(
      try run(Self.solve + "--start zero -n 1").value("iterations") == "1, all that were allowed")
    #expect(
      try run(Self.solve + "--start zero --tolerance 0.5").value("iterations")?
        .hasSuffix("stopped because nothing is left to explain") == true)
    #expect(
      try run(Self.solve + "--start zero --stagnation 1").value("iterations")?
        .hasSuffix("stopped because the best support did not change") == true)
    #expect(
      try run(Self.solve + "--start zero --time-limit 0").value("iterations")?
        .hasSuffix("stopped by the time limit") == true)
    #expect(
      try run(Self.solve + "--start zero --check").value("check")?
        .hasPrefix("the reference backend finds the same support") == true)
    #expect(try run(Self.solve + "--quiet").output.isEmpty)
  }

  /// What is drawn at random follows the seed, and nothing else.
  @Test(arguments: ["tabu", "vamp"]) func theSeedIsTaken(algorithm: String) throws {
    _ = try run("generate gaussian --rows 20 --columns 60 -k 8 --snr 5 -o hard")
    func visits(_ seed: Int) throws -> [[Substring]] {
      let name = "\(algorithm)-\(seed).csv"
      _ = try run(
        "solve -m hard/A.npy -y hard/y.npy -k 8 -a \(algorithm) --seed \(seed) --trace \(name) --force"
      )
      let text = try String(
        contentsOf: tool.folder.appendingPathComponent(name), encoding: .utf8)
      // All but the time.
      return text.split(separator: "\n").map { $0.split(separator: ",").dropLast() }
    }
    #expect(try visits(1) == visits(1))
    #expect(try visits(1) != visits(2))
  }

  @Test(arguments: ["gaussian", "bernoulli", "uniform", "dct", "toeplitz --rho 0.3"])
  func everyFamilyIsMade(family: String) throws {
    let made = try run("generate \(family) --rows 10 --columns 12 -k 2 -o new")
    #expect(
      made.output
        == "new: A.npy 10 × 12, y.npy, x.npy with 2 nonzero entries, problem.json\n")
    #expect(
      try run("solve -m new/A.npy -y new/y.npy -k 2 --truth new/x.npy").value("support distance")
        == "0: 2 of 2 found")
  }

  @Test(
    arguments: [
      ("aic", nil), ("bic", nil), ("gic", nil), ("none", "all that were asked for"),
    ] as [(String, String?)])
  func everyCriterionChooses(criterion: String, ending: String?) throws {
    let path = try run("path -m p/A.npy -y p/y.npy -k 1:6 --criterion \(criterion)")
    #expect(path.exitCode == 0)
    #expect(path.value("chosen") == (criterion == "none" ? "k = 6" : path.value("chosen")))
    #expect(
      path.value("chosen")?.hasSuffix(criterion == "none" ? "6" : ", by \(criterion)") == true)
    #expect(ending.map { path.value("path")?.contains($0) == true } ?? true)
  }
}
