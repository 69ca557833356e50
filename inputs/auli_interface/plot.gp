# Picture of an alloying run: gnuplot -e "folder='auli_interface.out'" plot.gp  ->  FOLDER/alloying.png
if (!exists("folder")) folder = "auli_interface.out"
set terminal pngcairo size 1100,900 font ",13"
set output folder."/alloying.png"
set multiplot layout 2,1
set lmargin 11
set rmargin 14

set title "Composition profile along c"
set ylabel "position along c (A)"
set xlabel "time (ps)"
set cblabel "Au fraction"
set palette defined (0 "#4c2a85", 0.5 "#d9d9e3", 1 "#d4a017")
set cbrange [0:1]
set view map
set autoscale xfix
set autoscale yfix
# columns: time (fs), position (A), densities of Li and Au; empty slices stay white
plot folder."/profile.dat" using ($1/1000):2:($3+$4 > 0 ? $4/($3+$4) : NaN) with points pointtype 5 pointsize 0.9 palette notitle

set title "Mixing fraction (0: separate, 1: fully mixed)"
set ylabel "mixing fraction"
set yrange [0:1]
set grid
plot folder."/mixing.dat" using ($2/1000):3 with lines linewidth 2 linecolor rgb "#4c2a85" notitle
unset multiplot
