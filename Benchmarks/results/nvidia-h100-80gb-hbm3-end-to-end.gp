# Draw again with: gnuplot nvidia-h100-80gb-hbm3-end-to-end.gp
set encoding utf8
set terminal svg size 960,720 noenhanced font 'DejaVu Sans,14' background 'white'
set output 'nvidia-h100-80gb-hbm3-end-to-end.svg'
set grid linecolor '#dddddd' linetype 1
set border linecolor '#444444'
$series0 << EOD
0.0 0.017780653 0.016930941
1.0 0.187575623 0.177962027
2.0 0.887161556 0.784055232
3.0 3.0332907258064514 2.833348241935484
EOD
$series1 << EOD
0.0 0.016239152 0.012199069
1.0 0.08367836 0.080539271
2.0 0.371361053 0.360443014
3.0 0.438787573 0.398986331
EOD
$series2 << EOD
0.0 0.00791868 0.0078007219999999995
1.0 0.020946896 0.01982526
2.0 0.071425626 0.068025522
3.0 0.172582508 0.165359544
EOD
$series3 << EOD
0.0 0.043246624 0.04308296
1.0 0.094800377 0.092560105
2.0 0.195357188 0.194187152
3.0 0.4627945 0.4622980161290322
EOD
$series4 << EOD
0.0 0.044005264 0.043896115
1.0 0.109742073 0.106079592
2.0 0.231534354 0.222500255
3.0 0.302101719 0.253426796
EOD
$series5 << EOD
0.0 0.008894717 0.00837027
1.0 0.017706946 0.017596259
2.0 0.04728974 0.046372553
EOD
set title 'SEA from zero: median time of an iteration'
set logscale y
set xrange [-0.4:3.4]
set xtics ("250 × 1000\nk = 10" 0, "500 × 5000\nk = 25" 1, "1000 × 10000\nk = 50" 2, "2000 × 20000\nk = 50" 3)
set format y '%g'
set xlabel "\nproblem: rows × columns of A, and columns to select\n "
set ylabel 'time per iteration (ms)'
set key below vertical maxcols 1 Left reverse
plot $series0 using 1:2 with linespoints linewidth 2 pointsize 1.2 pointtype 7 dashtype 1 linecolor '#0072B2' title 'cpu, Intel(R) Xeon(R) Processor, double, direct', \
  $series1 using 1:2 with linespoints linewidth 2 pointsize 1.2 pointtype 4 dashtype 2 linecolor '#0072B2' title 'cpu, Intel(R) Xeon(R) Processor, double, gram', \
  $series2 using 1:2 with linespoints linewidth 2 pointsize 1.2 pointtype 9 dashtype 3 linecolor '#0072B2' title 'cpu, Intel(R) Xeon(R) Processor, double, blocked', \
  $series3 using 1:2 with linespoints linewidth 2 pointsize 1.2 pointtype 7 dashtype 1 linecolor '#D55E00' title 'opencl, NVIDIA H100 80GB HBM3, double, direct', \
  $series4 using 1:2 with linespoints linewidth 2 pointsize 1.2 pointtype 4 dashtype 2 linecolor '#D55E00' title 'opencl, NVIDIA H100 80GB HBM3, double, gram', \
  $series5 using 1:2 with linespoints linewidth 2 pointsize 1.2 pointtype 9 dashtype 3 linecolor '#D55E00' title 'opencl, NVIDIA H100 80GB HBM3, double, blocked'
