(** The stake-weighted median lies in the honest range, for any number of reporters.

    Model of [weighted_quantile], [weighted_median] and [has_quorum] of [risk/src/oracle.rs]. Integers are
    unbounded; [None] is an error of the Rust function. *)

From Coq Require Import ZArith Lia List Sorted.
Import ListNotations.
Open Scope Z_scope.

(** Rust: [struct Report], with what the code can't see: whether its reporter is honest. *)
Record report := Report {
  price : Z;
  weight : Z;
  honest : bool
}.

(** Rust: the first loop of [weighted_quantile]; [false] is [Unsorted]. *)
Fixpoint ascends (reports : list report) : bool :=
  match reports with
  | [] => true
  | first :: rest =>
      match rest with
      | [] => true
      | second :: _ => if price second <? price first then false else ascends rest
      end
  end.

(** Rust: [total], a fold from the left that refuses a negative weight. *)
Fixpoint total_from (acc : Z) (reports : list report) : option Z :=
  match reports with
  | [] => Some acc
  | r :: rest => if weight r <? 0 then None else total_from (acc + weight r) rest
  end.

(** Rust: the second loop of [weighted_quantile], with the report in place of its index. *)
Fixpoint first_reaching (needed denominator reached : Z) (reports : list report) : option report :=
  match reports with
  | [] => None
  | r :: rest =>
      let reached := reached + weight r in
      if needed <=? reached * denominator then Some r
      else first_reaching needed denominator reached rest
  end.

(** Rust: [weighted_quantile]. *)
Definition weighted_quantile (reports : list report) (numerator denominator : Z) : option report :=
  if negb (ascends reports) then None
  else
    match total_from 0 reports with
    | None => None
    | Some all =>
        if negb (0 <? all) then None
        else first_reaching (all * numerator) denominator 0 reports
    end.

(** Rust: [weighted_median]. *)
Definition weighted_median (reports : list report) : option Z :=
  option_map price (weighted_quantile reports 1 2).

(** Rust: [has_quorum], [TWO_THIRDS], [limits::PPM]. *)
Definition PPM : Z := 1000000.
Definition TWO_THIRDS : Z := 666667.
Definition has_quorum (reported all quorum : Z) : bool := all * quorum <=? reported * PPM.

(** * Auxiliary *)

(** Weight of the reports that satisfy a test. *)
Definition weight_where (test : report -> bool) (reports : list report) : Z :=
  fold_right (fun r rest => (if test r then weight r else 0) + rest) 0 reports.

Definition reported (reports : list report) : Z := weight_where (fun _ => true) reports.
Definition dishonest_weight (reports : list report) : Z :=
  weight_where (fun r => negb (honest r)) reports.

Lemma total_is_reported : forall reports acc all,
  total_from acc reports = Some all ->
  all = acc + reported reports /\ Forall (fun r => 0 <= weight r) reports.
Proof.
  unfold reported; induction reports as [| r rest IH]; simpl; intros acc all E.
  - inversion E; split; [ lia | constructor ].
  - destruct (Z.ltb_spec (weight r) 0); try discriminate.
    destruct (IH _ _ E). split; [ lia | constructor; auto ].
Qed.

Lemma total_of_valid : forall reports acc,
  Forall (fun r => 0 <= weight r) reports -> total_from acc reports = Some (acc + reported reports).
Proof.
  unfold reported; induction reports as [| r rest IH]; simpl; intros acc F.
  - f_equal; lia.
  - inversion F; subst. destruct (Z.ltb_spec (weight r) 0); [ lia | ].
    rewrite IH by auto. f_equal; lia.
Qed.

Lemma ascending_is_sorted : forall reports,
  ascends reports = true <-> Sorted (fun a b => price a <= price b) reports.
Proof.
  induction reports as [| first rest IH]; [ split; auto | ].
  destruct rest as [| second rest]; [ split; auto | ].
  change (ascends (first :: second :: rest))
    with (if price second <? price first then false else ascends (second :: rest)).
  destruct (Z.ltb_spec (price second) (price first)).
  - split; [ discriminate | ]. intros S. inversion S; subst. inversion H3; subst. lia.
  - rewrite IH. split; intros S.
    + constructor; auto.
    + inversion S; auto.
Qed.

Lemma sorted_strongly : forall reports,
  ascends reports = true -> StronglySorted (fun a b => price a <= price b) reports.
Proof.
  intros reports A. apply Sorted_StronglySorted; [ intros a b c; lia | ].
  now apply ascending_is_sorted.
Qed.

(** The report found splits the list: before it the share isn't reached, with it it is. *)
Lemma first_reaching_splits : forall reports needed denominator reached0 found,
  first_reaching needed denominator reached0 reports = Some found ->
  exists before after,
    reports = before ++ found :: after /\
    (before = [] \/ (reached0 + reported before) * denominator < needed) /\
    needed <= (reached0 + reported before + weight found) * denominator.
Proof.
  unfold reported; induction reports as [| r rest IH]; simpl; intros n d c found E; try discriminate.
  destruct (Z.leb_spec n ((c + weight r) * d)).
  - inversion E; subst. exists [], rest; simpl. repeat split; auto. lia.
  - destruct (IH _ _ _ _ E) as (before & after & -> & L & U).
    exists (r :: before), after; simpl. repeat split.
    + right. destruct L as [-> | L]; simpl; [ | lia ].
      replace (c + (weight r + 0)) with (c + weight r) by lia. lia.
    + replace (c + (weight r + weight_where (fun _ => true) before) + weight found)
        with (c + weight r + weight_where (fun _ => true) before + weight found) by lia. lia.
Qed.

Lemma weight_where_app : forall test xs ys,
  weight_where test (xs ++ ys) = weight_where test xs + weight_where test ys.
Proof. induction xs; simpl; intros; [ lia | rewrite IHxs; lia ]. Qed.

Lemma weight_where_bounds : forall test reports,
  Forall (fun r => 0 <= weight r) reports -> 0 <= weight_where test reports <= reported reports.
Proof.
  unfold reported; induction 1; simpl; [ lia | ]. destruct (test x); lia.
Qed.

Lemma honest_and_dishonest : forall reports,
  reported reports = weight_where honest reports + dishonest_weight reports.
Proof.
  unfold reported, dishonest_weight; induction reports as [| r rest IH]; simpl; [ lia | ].
  destruct (honest r); simpl; lia.
Qed.

Lemma honest_weight_has_a_holder : forall reports,
  0 < weight_where honest reports ->
  exists r, In r reports /\ honest r = true /\ 0 < weight r.
Proof.
  induction reports as [| r rest IH]; simpl; intros H; [ lia | ].
  destruct (honest r) eqn:Hr.
  - destruct (Z.lt_ge_cases 0 (weight r)); [ exists r; auto | ].
    destruct IH as (r' & I & A & B); [ lia | exists r'; auto ].
  - destruct IH as (r' & I & A & B); [ lia | exists r'; auto ].
Qed.

(** What the median is: less than half of the stake before it in the list, at least half up to it. *)
Lemma median_splits : forall reports median,
  weighted_median reports = Some median ->
  exists before found after,
    reports = before ++ found :: after /\ price found = median /\
    Forall (fun r => 0 <= weight r) reports /\ 0 < reported reports /\
    Forall (fun r => price r <= median) (before ++ [found]) /\
    Forall (fun r => median <= price r) (found :: after) /\
    2 * reported before < reported reports <= 2 * reported (before ++ [found]).
Proof.
  unfold weighted_median, weighted_quantile; intros reports median E.
  destruct (ascends reports) eqn:A; simpl in E; try discriminate.
  destruct (total_from 0 reports) as [all |] eqn:T; try discriminate.
  destruct (total_is_reported _ _ _ T) as (Hall & F); simpl in Hall.
  destruct (Z.ltb_spec 0 all); simpl in E; try discriminate.
  destruct (first_reaching (all * 1) 2 0 reports) as [found |] eqn:R; try discriminate.
  inversion E; subst median; clear E.
  destruct (first_reaching_splits _ _ _ _ _ R) as (before & after & E & L & U).
  pose proof (sorted_strongly _ A) as S. rewrite E in S.
  exists before, found, after. repeat split; auto; try lia.
  - apply Forall_forall. intros r I. apply in_app_or in I. destruct I as [I | [<- | []]]; [ | apply Z.le_refl ].
    clear - S I. induction before as [| b before IH]; simpl in *; [ tauto | ].
    inversion S as [| ? ? S' Hb]; subst. destruct I as [-> | I]; [ | auto ].
    rewrite Forall_forall in Hb. apply Hb. apply in_or_app. simpl; auto.
  - clear - S. induction before as [| b before IH]; simpl in *.
    + inversion S; subst. constructor; [ apply Z.le_refl | auto ].
    + inversion S; auto.
  - assert (Pos : 0 < reported reports) by lia.
    destruct L as [L | L]; [ | lia ].
    rewrite L. change (reported []) with 0. lia.
  - assert (Up : reported (before ++ [found]) = reported before + weight found).
    { unfold reported. rewrite weight_where_app. unfold weight_where at 2, fold_right. lia. }
    lia.
Qed.

(** * Theorems *)

(** With less than half of the reported weight dishonest, some honest reporter with stake is at or below
    the median and some at or above it: it lies in [min honest, max honest]. *)
Theorem median_is_in_the_honest_range : forall reports median,
  weighted_median reports = Some median ->
  2 * dishonest_weight reports < reported reports ->
  (exists r, In r reports /\ honest r = true /\ 0 < weight r /\ price r <= median) /\
  (exists r, In r reports /\ honest r = true /\ 0 < weight r /\ median <= price r).
Proof.
  intros reports median M D.
  destruct (median_splits _ _ M) as (before & found & after & E & P & F & _ & Low & High & Half).
  pose proof (honest_and_dishonest reports) as HD.
  split.
  - destruct (honest_weight_has_a_holder (before ++ [found])) as (r & I & A & B).
    { pose proof (honest_and_dishonest (before ++ [found])) as HB.
      assert (Fb : Forall (fun r => 0 <= weight r) after).
      { rewrite E in F. apply Forall_app in F. destruct F as (_ & F). now inversion F. }
      pose proof (weight_where_bounds (fun r => negb (honest r)) after Fb).
      assert (Hd : dishonest_weight (before ++ [found]) <= dishonest_weight reports).
      { unfold dishonest_weight. rewrite E.
        replace (before ++ found :: after) with ((before ++ [found]) ++ after)
          by (rewrite <- app_assoc; reflexivity).
        rewrite (weight_where_app _ (before ++ [found]) after). lia. }
      lia. }
    exists r. rewrite Forall_forall in Low. repeat split; auto.
    rewrite E. apply in_app_or in I. apply in_or_app.
    destruct I as [I | [-> | []]]; simpl; auto.
  - destruct (honest_weight_has_a_holder (found :: after)) as (r & I & A & B).
    { assert (Fb : Forall (fun r => 0 <= weight r) before).
      { rewrite E in F. now apply Forall_app in F. }
      pose proof (weight_where_bounds honest before Fb).
      assert (weight_where honest reports
        = weight_where honest before + weight_where honest (found :: after))
        by (rewrite E; apply weight_where_app).
      lia. }
    exists r. rewrite Forall_forall in High. repeat split; auto.
    rewrite E. apply in_or_app; auto.
Qed.

Definition two_honest_one_liar := [Report 1 1 true; Report 2 1 true; Report 9 1 false].

Example median_is_in_the_honest_range_somewhere :
  weighted_median two_honest_one_liar = Some 2 /\
  2 * dishonest_weight two_honest_one_liar < reported two_honest_one_liar.
Proof. split; reflexivity. Qed.

(** With exactly half dishonest it may lie below every honest price. *)
Example median_is_in_the_honest_range_needs_a_majority :
  let reports := [Report 1 1 false; Report 9 1 true] in
  weighted_median reports = Some 1 /\
  2 * dishonest_weight reports = reported reports /\
  ~ (exists r, In r reports /\ honest r = true /\ 0 < weight r /\ price r <= 1).
Proof.
  cbv zeta. repeat split. intros (r & [<- | [<- | []]] & H & _ & P); simpl in *; [ discriminate | lia ].
Qed.

(** A quorum of two thirds with less than a third of all stake dishonest gives that majority. The dishonest
    weight that reported is at most the dishonest stake. *)
Theorem quorum_puts_the_median_in_the_honest_range : forall reports median all dishonest_stake,
  weighted_median reports = Some median ->
  has_quorum (reported reports) all TWO_THIRDS = true ->
  dishonest_weight reports <= dishonest_stake ->
  3 * dishonest_stake < all ->
  (exists r, In r reports /\ honest r = true /\ 0 < weight r /\ price r <= median) /\
  (exists r, In r reports /\ honest r = true /\ 0 < weight r /\ median <= price r).
Proof.
  unfold has_quorum, TWO_THIRDS, PPM; intros reports median all bad M Q B T.
  apply Z.leb_le in Q.
  apply median_is_in_the_honest_range with (1 := M).
  destruct (median_splits _ _ M) as (before & found & after & E & P & F & Pos & _).
  pose proof (weight_where_bounds (fun r => negb (honest r)) reports F) as Bd.
  fold (dishonest_weight reports) in Bd. lia.
Qed.

Definition quorate := [Report 5 4 true; Report 6 1 true; Report 7 2 false].

Example quorum_puts_the_median_in_the_honest_range_somewhere :
  weighted_median quorate = Some 5 /\ has_quorum (reported quorate) 10 TWO_THIRDS = true /\
  dishonest_weight quorate <= 3 /\ 3 * 3 < 10.
Proof. repeat split; discriminate. Qed.

(** A quorum of one half isn't enough. *)
Example quorum_puts_the_median_in_the_honest_range_needs_two_thirds :
  let reports := [Report 1 3 false; Report 9 2 true] in
  weighted_median reports = Some 1 /\ has_quorum (reported reports) 10 500000 = true /\
  dishonest_weight reports <= 3 /\ 3 * 3 < 10 /\
  ~ (exists r, In r reports /\ honest r = true /\ 0 < weight r /\ price r <= 1).
Proof.
  cbv zeta. repeat split; try discriminate.
  intros (r & [<- | [<- | []]] & H & _ & P); simpl in *; [ discriminate | lia ].
Qed.

(** One third dishonest isn't either, at a quorum of exactly two thirds. *)
Example quorum_puts_the_median_in_the_honest_range_needs_under_a_third :
  let reports := [Report 1 1 false; Report 9 1 true] in
  weighted_median reports = Some 1 /\ has_quorum (reported reports) 2 TWO_THIRDS = true /\
  3 * dishonest_weight reports >= 2.
Proof. repeat split. discriminate. Qed.

(** Sorted prices, no negative stake, some stake: there is a median. *)
Theorem valid_reports_have_a_median : forall reports,
  Sorted (fun a b => price a <= price b) reports ->
  Forall (fun r => 0 <= weight r) reports ->
  0 < reported reports ->
  exists median, weighted_median reports = Some median.
Proof.
  intros reports S F Pos. unfold weighted_median, weighted_quantile.
  rewrite (proj2 (ascending_is_sorted reports) S), (total_of_valid _ 0 F). simpl.
  destruct (Z.ltb_spec 0 (reported reports)); [ simpl | lia ].
  assert (K : forall rs c n, 0 < n -> n <= (c + reported rs) * 2 -> c * 2 < n ->
    exists found, first_reaching n 2 c rs = Some found).
  { unfold reported; induction rs as [| r rs IH]; simpl; intros c n Hn Hr Hc; [ lia | ].
    destruct (Z.leb_spec n ((c + weight r) * 2)); [ eauto | apply IH; lia ]. }
  destruct (K reports 0 (reported reports * 1)) as (found & E); try lia.
  rewrite E. simpl. eauto.
Qed.

Example valid_reports_have_a_median_somewhere :
  weighted_median [Report 1 0 true; Report 2 5 true] = Some 2 /\
  weighted_median [Report 1 2 true; Report 2 1 true; Report 9 1 true] = Some 1 /\
  weighted_median [Report 1 1 true; Report 2 1 true; Report 9 3 true] = Some 9.
Proof. repeat split. Qed.

(** Unsorted, negative, without stake, empty: refused. *)
Example valid_reports_have_a_median_needs_each_premise :
  weighted_median [Report 2 1 true; Report 1 1 true] = None /\
  weighted_median [Report 2 (-1) true; Report 3 5 true] = None /\
  weighted_median [Report 2 0 true] = None /\ weighted_median [] = None.
Proof. repeat split. Qed.

(** All theorems of this file, so that one search for assumptions covers them. *)
Definition weighted_median_theorems :=
  (median_is_in_the_honest_range,
   quorum_puts_the_median_in_the_honest_range,
   valid_reports_have_a_median).

Print Assumptions weighted_median_theorems.
